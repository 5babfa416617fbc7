"""Words and phrases: how slots, values and descriptions of places are said in a language."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import NamedTuple

from rlkit.envs.cabin.ontology.domain import Domain
from rlkit.envs.cabin.ontology.templates import (
    ANY_VALUE,
    ANYTHING,
    PHRASES,
    WORDS,
    Need,
    fill,
    sentences_of,
)
from rlkit.envs.cabin.ontology.yaml_file import SHIPPED, read_yaml
from rlkit.names import unknown

DEFAULTS = SHIPPED / "speech.yaml"
"""The shipped sentences, words and phrases."""
FALLBACK = "en"
"""Says what a language has no template for."""


class Item(NamedTuple):
    """One thing that an act is about."""

    slot: str
    """A slot, what names a venue, a private attribute, or `ANYTHING`."""
    value: str | None
    """A value, `ANY_VALUE`, or None where the act has none."""
    fact: str | None = None
    """What the data base answers, where the act names a venue and a private attribute."""

    def meets(self, need: Need) -> bool:
        """Return whether it is what a template needs."""
        return self.slot == need.slot and need.value in {None, self.value}


class Phrases:
    """The words of an ontology in a language, completed by the shipped ones.

    Args:
        domain: The ontology.
        language: One of its languages, or a shipped one.

    Raises:
        ValueError: If there is no such language.
    """

    def __init__(self, domain: Domain, language: str) -> None:
        shipped = default_sentences()
        if language not in domain.sentences and language not in shipped:
            raise ValueError(unknown("language", language, {*domain.sentences, *shipped}))
        self.sources = (
            domain.sentences.get(language, {}),
            shipped.get(language, {}),
            shipped[FALLBACK],
        )
        """Templates by key, those first that count most."""

    def find(self, *keys: str) -> str | None:
        """Return the text of the first key that there is, the ontology's own first."""
        for source in self.sources:
            for key in keys:
                if key in source:
                    return source[key]
        return None

    def slot(self, slot: str) -> str:
        """Return the word for a slot."""
        return self.find(f"{WORDS}/{slot}") or slot.replace("_", " ")

    def value(self, item: Item) -> str:
        """Return the word for a value."""
        if item.value in {None, ANY_VALUE}:
            key = ANYTHING if item.slot == ANYTHING else ANY_VALUE
            return self._filled(self.find(f"{WORDS}/{item.slot}={key}", f"{WORDS}/{key}"), item)
        return self.find(f"{WORDS}/{item.slot}={item.value}") or str(item.value).replace("_", " ")

    def place(self, items: Sequence[Item]) -> str:
        """Return a description such as "a cheap place in the north"."""
        patterns = [(self._pattern(item), item.value == ANY_VALUE) for item in items]
        # Those that stand for the noun come first, "whatever the area" comes last.
        patterns.sort(key=lambda each: ("~" in each[0], each[1]))
        text = self.find(f"{WORDS}/place") or "~"
        for pattern, _ in patterns:
            text = pattern.replace("~", text)
        key = "article_vowel" if text[:1].lower() in set("aeiou") else "article"
        return (self.find(f"{PHRASES}/{key}", f"{PHRASES}/article") or "~").replace("~", text)

    def _pattern(self, item: Item) -> str:
        """Return how an item changes a description; "~" is what it changes."""
        general = item.slot
        if item.value == ANY_VALUE and item.slot != ANYTHING:
            general = ANY_VALUE
        keys = (f"{PHRASES}/{item.slot}={item.value}", f"{PHRASES}/{general}")
        return self._filled(self.find(*keys) or self.find(f"{PHRASES}/other"), item)

    def fact(self, item: Item) -> str:
        """Return what the data base says, such as "the phone is 01 02"."""
        key = "fact" if item.fact else "no_fact"
        return self._filled(self.find(f"{PHRASES}/{key}"), item)

    def listed(self, words: Sequence[str], joint: str) -> str:
        """Return words in a list whose last is joined by "and" or "or"."""
        if len(words) < 2:
            return "".join(words)
        return f"{', '.join(words[:-1])} {self.find(f'{WORDS}/{joint}')} {words[-1]}"

    def _filled(self, template: str | None, item: Item) -> str:
        value = item.fact or (self.value(item) if item.value not in {None, ANY_VALUE} else "")
        fields = {"slot": self.slot(item.slot), "value": value}
        filled = fill(template or "{value}", fields)
        return filled[0] if filled else value


@cache
def default_sentences() -> Mapping[str, Mapping[str, str]]:
    """Return the shipped templates, words and phrases, as `Domain.sentences` holds them."""
    content, _ = read_yaml(DEFAULTS)
    return sentences_of(content)
