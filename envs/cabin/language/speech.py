"""What the assistant and the driver say, as people would say it, for bubbles and transcripts.

An ontology's templates come first, then those shipped in `ontology/shipped/speech.yaml`. Among the
templates whose key fits an act, the one is said that leaves nothing out and is most specific.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rlkit.envs.cabin.language.phrases import FALLBACK, Item, Phrases
from rlkit.envs.cabin.ontology.domain import Domain
from rlkit.envs.cabin.ontology.templates import (
    ANY_VALUE,
    ANYTHING,
    SPEAKERS,
    Key,
    fields_of,
    fill,
    parse_key,
)
from rlkit.envs.cabin.state.acts import DONTCARE, NO_SLOT, NO_VALUE, SYSTEM_ACTS, TYPE_SLOT
from rlkit.names import unknown


def sentence(domain: Domain, speaker: str, act: NDArray[np.int16], language: str = FALLBACK) -> str:
    """Return what is said, such as "Shall I open the rear left window half way?".

    Args:
        domain: The ontology.
        speaker: "assistant" or "driver".
        act: The act as laid out in `state.acts`.
        language: A language of the ontology, or one that is shipped: "en", "de".

    Returns:
        A sentence; "" for an act without words.

    Raises:
        ValueError: If the speaker or the language is unknown.
    """
    if speaker not in SPEAKERS:
        raise ValueError(unknown("speaker", speaker, SPEAKERS))
    phrases = Phrases(domain, language)
    said = _Act(domain, act)
    best = max(
        _choices(phrases, speaker, said),
        key=lambda choice: choice[:4],
        default=_Choice(False, 0, 0, 0, "", said.items),
    )
    missed = ", ".join(phrases.value(item) for item in best.missed if item.value is not None)
    return " ".join(_as_sentence(text) for text in (best.text, missed) if text)


class _Act:
    """An act by names."""

    def __init__(self, domain: Domain, act: NDArray[np.int16]) -> None:
        pairs = [(int(act[2 + 2 * k]), int(act[3 + 2 * k])) for k in range(act[1])]
        self.domain = domain
        self.name = SYSTEM_ACTS[act[0]]
        self.venue = next((value for slot, value in pairs if slot == len(domain.slots)), NO_VALUE)
        self.typed = any(slot == TYPE_SLOT for slot, _ in pairs)
        """Whether it says that a place is looked for."""
        self.items = tuple(self._item(*pair) for pair in pairs if pair[0] != TYPE_SLOT)

    def _item(self, slot: int, value: int) -> Item:
        domain = self.domain
        if slot == NO_SLOT:
            return Item(ANYTHING, ANY_VALUE)
        name = domain.requestables[slot]
        if value == DONTCARE:
            return Item(name, ANY_VALUE)
        if slot > len(domain.slots) and self.venue >= 0:
            return Item(name, None, domain.attributes[self.venue][slot - len(domain.slots) - 1])
        if value == NO_VALUE:
            return Item(name, None)
        words = domain.venues if slot == len(domain.slots) else domain.values[slot]
        return Item(name, words[value])

    def describes_place(self, items: Sequence[Item]) -> bool:
        """Return whether items, left to be said, describe a place and not a command."""
        functions = self.domain.functions
        slots = {slot for function in functions if function.venues for slot in function.slots}
        names = {self.domain.slots[slot] for slot in slots} if functions else {*self.domain.slots}
        return all(item.slot in {*names, ANYTHING} for item in items)


class _Choice(NamedTuple):
    """A filled template; the largest is said."""

    complete: bool
    """Whether it says all that the act does."""
    needs: int
    """Items that its key asks for, a value counting twice."""
    own: int
    """Larger for the ontology's templates than for the shipped ones."""
    early: int
    """Larger for the earlier of alternatives."""
    text: str
    missed: tuple[Item, ...]
    """What it does not say."""


def _choices(phrases: Phrases, speaker: str, said: _Act) -> Iterator[_Choice]:
    """Yield the templates that fit an act."""
    for rank, source in enumerate(phrases.sources):
        for path, templates in source.items():
            section, _, text = path.partition("/")
            if section != speaker or not text.startswith(said.name):
                continue
            key = parse_key(text)
            if key.act != said.name or not _fits(key, said):
                continue
            for place, template in enumerate(templates.split("|")):
                filled = _fill(phrases, template, key, said)
                if filled is not None:
                    needs = sum(1 + (need.value is not None) for need in key.needs)
                    yield _Choice(not filled[1], needs, -rank, -place, *filled)


def _fits(key: Key, said: _Act) -> bool:
    return all(any(item.meets(need) for item in said.items) for need in key.needs)


def _fill(
    phrases: Phrases, template: str, key: Key, said: _Act
) -> tuple[str, tuple[Item, ...]] | None:
    """Return a template filled, and the items that it leaves unsaid; None if it does not fit."""
    keyed = {need.slot for need in key.needs}
    named = keyed | fields_of(template) | _slots_of_fields(template, said)
    first: dict[str, Item] = {}
    left = []
    for item in said.items:
        if item.slot in named and item.slot not in first:
            first[item.slot] = item
        else:
            left.append(item)
    fields = _general_fields(phrases, said, left)
    for slot, item in first.items():
        if item.value is not None:
            fields.setdefault(slot, (phrases.value(item), (item,)))
    filled = fill(template, {name: text for name, (text, _) in fields.items()})
    if filled is None:
        return None
    text, used = filled
    told = [item for name in used for item in fields[name][1]]
    told += [item for slot, item in first.items() if slot in keyed]
    return text, tuple(item for item in said.items if item not in told)


def _slots_of_fields(template: str, said: _Act) -> set[str]:
    """Return the slots that the fields `name` and `function` of a template stand for."""
    names = {"name": said.domain.entity}
    if said.domain.functions:
        names["function"] = said.domain.slots[0]
    return {names[field] for field in fields_of(template) & names.keys()}


def _general_fields(
    phrases: Phrases, said: _Act, left: Sequence[Item]
) -> dict[str, tuple[str, tuple[Item, ...]]]:
    """Return the fields about items that no slot's name stands for: text, and what it tells."""
    valued = tuple(item for item in left if item.value is not None)
    asked = tuple(item for item in left if item.value is None)
    words = [phrases.value(item) for item in valued]
    fields: dict[str, tuple[str, tuple[Item, ...]]] = {}
    if valued:
        fields["values"] = ", ".join(words), valued
        fields["choices"] = phrases.listed(words, "or"), valued
        fields["first"] = words[0], valued[:1]
    if len(valued) > 1:
        fields["others"] = ", ".join(words[1:]), valued[1:]
    if (valued or said.typed) and said.describes_place(valued):
        fields["place"] = phrases.place(valued), valued
    if asked:
        names = [phrases.slot(item.slot) for item in asked]
        fields["asked"] = phrases.listed(names, "and"), asked
    if asked and said.venue >= 0:
        facts = [phrases.fact(item) for item in asked]
        fields["facts"] = phrases.listed(facts, "and"), asked
    named = {said.domain.entity: "name"}
    if said.domain.functions:
        named[said.domain.slots[0]] = "function"
    for item in said.items:
        if item.slot in named and item.value is not None:
            fields.setdefault(named[item.slot], (phrases.value(item), (item,)))
    return fields


def _as_sentence(text: str) -> str:
    """Return a text that begins with a capital and ends with a mark."""
    ended = text if text[-1] in ".?!" else f"{text}."
    return ended[0].upper() + ended[1:]
