"""Templates of sentences: what they say, when they fit, and whether they are well-formed.

A key is an act, with what it must be about: `execute`, `confirm(position)`,
`inform(function=window, position=closed)`. A template is text with fields in braces; a group in
brackets is left out where one of its fields has nothing to say; `|` separates alternatives, of
which the first that fits is said.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from rlkit.envs.cabin.ontology.domain import Domain
from rlkit.envs.cabin.ontology.yaml_file import Source
from rlkit.envs.cabin.state.acts import SYSTEM_ACTS, USER_ACTS
from rlkit.names import unknown

ASSISTANT, DRIVER = "assistant", "driver"
SPEAKERS = {ASSISTANT: SYSTEM_ACTS, DRIVER: USER_ACTS}
"""What each may say."""
WORDS, PHRASES = "words", "phrases"
SECTIONS = (*SPEAKERS, WORDS, PHRASES)

ANY_VALUE = "dontcare"
"""Stands for a value: any will do."""
ANYTHING = "anything"
"""Stands for the slot of "I don't mind", which names none."""
GENERAL = (
    "name",
    "function",
    "values",
    "place",
    "facts",
    "asked",
    "choices",
    "first",
    "others",
)
"""Fields of every template, beside those named after slots; `speech` says what they hold."""
PHRASE_FIELDS = ("slot", "value")

_KEY = re.compile(r"(\w+)(?:\((.*)\))?")
_GROUP = re.compile(r"\[([^\[\]]*)\]")
_FIELD = re.compile(r"\{([^{}]*)\}")


class Need(NamedTuple):
    """What an act must be about: a slot, and a value if it matters."""

    slot: str
    value: str | None


@dataclass(frozen=True)
class Key:
    """An act, and what it must be about."""

    act: str
    needs: tuple[Need, ...]


@lru_cache(maxsize=4096)
def parse_key(text: str) -> Key:
    """Return the parts of a key such as `confirm(position, function=window)`.

    Raises:
        ValueError: If it is malformed.
    """
    found = _KEY.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text!r} is no act such as confirm or confirm(slot, other=value)")
    needs = []
    for part in (found[2] or "").split(",") if found[2] else ():
        slot, equals, value = part.partition("=")
        needs.append(Need(slot.strip(), value.strip() if equals else None))
    return Key(found[1], tuple(needs))


def fields_of(template: str) -> set[str]:
    """Return the names of a template's fields."""
    return set(_FIELD.findall(template))


def fill(template: str, fields: Mapping[str, str]) -> tuple[str, set[str]] | None:
    """Return a template with its fields filled, and the fields it used.

    None if it needs a field that there is not; a group in brackets is left out instead.
    """
    used: set[str] = set()

    def put(found: re.Match[str]) -> str:
        used.add(found[1])
        return fields[found[1]]

    parts = []
    for place, part in enumerate(_GROUP.split(template)):
        if fields_of(part) <= fields.keys():
            parts.append(_FIELD.sub(put, part))
        elif place % 2 == 0:  # outside brackets
            return None
    return "".join(parts).strip(), used


def sentences_of(
    sections: Mapping[str, Mapping[str, Mapping[str, str]]],
) -> dict[str, dict[str, str]]:
    """Return templates by language and "section/key", as `Domain.sentences` holds them."""
    return {
        language: {
            f"{section}/{key}": template
            for section, templates in keyed.items()
            for key, template in templates.items()
        }
        for language, keyed in sections.items()
    }


def check_sentences(domain: Domain, source: Source) -> None:
    """Check the templates of an ontology's file.

    Raises:
        ValueError: If an act, slot, value or field is unknown, or a template is malformed.
    """
    for language, sentences in domain.sentences.items():
        for path, template in sentences.items():
            section, _, key = path.partition("/")
            field = ("sentences", language, section)
            if section not in SECTIONS:
                raise source.error(unknown("speaker", section, SECTIONS), *field)
            try:
                _CHECKS[section](section, key, template, domain)
            except ValueError as error:
                raise source.error(str(error), *field, key) from None


def _check_speaker(speaker: str, key: str, template: str, domain: Domain) -> None:
    parsed = parse_key(key)
    if parsed.act not in SPEAKERS[speaker]:
        raise ValueError(unknown("act", parsed.act, SPEAKERS[speaker]))
    for need in parsed.needs:
        _check_need(need, domain)
    _check_template(template, {*GENERAL, *domain.requestables})


def _check_word(section: str, key: str, template: str, domain: Domain) -> None:
    del section
    slot, equals, value = key.partition("=")
    if slot not in {"place", "and", "or", ANY_VALUE, ANYTHING}:
        _check_need(Need(slot, value if equals else None), domain)
    _check_template(template, set(PHRASE_FIELDS))


def _check_phrase(section: str, key: str, template: str, domain: Domain) -> None:
    del section
    slot, equals, value = key.partition("=")
    if slot not in {"article", "article_vowel", "other", "fact", "no_fact", ANY_VALUE, ANYTHING}:
        _check_need(Need(slot, value if equals else None), domain)
    _check_template(template, set(PHRASE_FIELDS))


_CHECKS: Mapping[str, Callable[[str, str, str, Domain], None]] = {
    ASSISTANT: _check_speaker,
    DRIVER: _check_speaker,
    WORDS: _check_word,
    PHRASES: _check_phrase,
}


def _check_need(need: Need, domain: Domain) -> None:
    if need.slot == ANYTHING and need.value is None:
        return
    if need.slot not in domain.requestables:
        raise ValueError(unknown("slot", need.slot, domain.requestables))
    if need.value is None:
        return
    if need.slot not in domain.slots:
        raise ValueError(f"{need.slot!r} has no values to choose by")
    values = (*domain.values[domain.slots.index(need.slot)], ANY_VALUE)
    if need.value not in values:
        raise ValueError(unknown(f"value of {need.slot}", need.value, values))


def _check_template(template: str, known: set[str]) -> None:
    bare = _FIELD.sub("", template)
    if set(bare) & set("{}") or set(_GROUP.sub("", bare)) & set("[]"):
        raise ValueError(f"braces or brackets of {template!r} do not match, or are nested")
    for name in sorted(fields_of(template)):
        if name not in known:
            raise ValueError(unknown("field", name, known))
