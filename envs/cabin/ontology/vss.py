"""Values as the COVESA Vehicle Signal Specification spells them, and as the simulator counts them.

A level is what the simulator sets a signal to, a number; the car has true or false, a text, or a
number of some type in its place.
"""

import math
import numbers
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import numpy as np

from rlkit.envs.cabin.ontology.domain import Domain, Signal
from rlkit.envs.cabin.ontology.yaml_file import LONGEST_QUOTE
from rlkit.names import unknown

Value = float | bool | str
Signals = Mapping[str, Value | None]

TRUE, FALSE = ("true", "on", "yes", "1"), ("false", "off", "no", "0")
"""Spellings of a truth value, in any case."""


def to_vss(signal: Signal, level: float) -> Value:
    """Return a level as the signal spells it: true, a text, or a number of its type.

    Args:
        signal: The signal.
        level: In the signal's range; of texts that of the nearest level is taken.
    """
    if signal.datatype == "boolean":
        return bool(level)
    if signal.datatype == "string":
        return min(signal.texts, key=lambda one: abs(one[0] - level))[1][0]
    return float(level) if signal.datatype in {"float", "double"} else round(level)


def words_of(domain: Domain, number: int) -> dict[str, float]:
    """Return the level of each text that a signal may have, in lower case.

    Its own texts, and the values of the slot that sets it.
    """
    words = {text.lower(): level for level, texts in domain.signals[number].texts for text in texts}
    for function in domain.functions:
        if number in function.signals and function.setting is not None:
            slot = function.setting
            for value, level in zip(domain.values[slot], domain.levels[slot], strict=True):
                words.setdefault(value.lower(), level)
    return words


def from_vss(signal: Signal, words: Mapping[str, float], value: Any) -> float:
    """Return the level of a value; a number may lie outside of the signal's range.

    Args:
        signal: The signal.
        words: What `words_of` returns for it.
        value: As the car spells it, or its level.

    Raises:
        ValueError: If it is no value of the signal.
    """
    if isinstance(value, str) and value.strip().lower() in words:
        return words[value.strip().lower()]
    if signal.datatype == "boolean":
        return float(as_flag(value))
    if signal.datatype == "string":
        texts = [text for _, own in signal.texts for text in own]
        if isinstance(value, str):
            raise ValueError(unknown("text", value[:LONGEST_QUOTE], texts))
        level = as_number(value)
        if level not in dict(signal.texts):
            raise ValueError(f"{level:g} is no level; {unknown('text', str(value), texts)}")
        return level
    if isinstance(value, bool | np.bool_) and (signal.lowest, signal.highest) == (0.0, 1.0):
        return float(value)
    return as_number(value)


def as_flag(value: Any) -> bool:
    """Return a truth value.

    Raises:
        ValueError: If it is none.
    """
    text = str(value).strip().lower()
    if text in (*TRUE, *FALSE):
        return text in TRUE
    try:
        number = as_number(value)
    except ValueError:
        number = math.nan
    if number not in (0.0, 1.0):
        raise ValueError(f"{_shown(value)} is neither true nor false")
    return number == 1.0


def as_number(value: Any) -> float:
    """Return a number, which may be written as text.

    Raises:
        ValueError: If it is none.
    """
    one = value[()] if isinstance(value, np.ndarray) and value.ndim == 0 else value
    number = None
    if not isinstance(one, bool) and isinstance(one, numbers.Real | str):
        with suppress(ValueError, OverflowError):
            number = float(one)
    if number is None:
        raise ValueError(f"{_shown(value)} is no number")
    return number


def _shown(value: Any) -> str:
    shown = repr(value)
    return shown if len(shown) <= LONGEST_QUOTE else f"{shown[:LONGEST_QUOTE]}..."
