"""Dialogue acts as text, such as `inform(food=thai, area=dontcare)`: written, and read again."""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rlkit.envs.cabin.ontology.domain import Domain
from rlkit.envs.cabin.state.acts import (
    ACT_WIDTH,
    DONTCARE,
    MAX_ITEMS,
    NO_SLOT,
    NO_VALUE,
    REQUEST,
    SYSTEM_ACTS,
    TYPE_SLOT,
    USER_ACTS,
    Act,
    add_item,
)
from rlkit.names import unknown

ANY, KIND = "dontcare", "type"
"""The word for "any value will do", and for what kind of thing is looked for."""
SHAPE = re.compile(r"\s*(\w+)\s*\((.*)\)\s*", re.DOTALL)


def act_text(domain: Domain, act: NDArray[np.int16]) -> str:
    """Return an act in the usual notation, such as `inform(food=thai, area=dontcare)`."""
    items = [_item_text(domain, int(act[2 + 2 * k]), int(act[3 + 2 * k])) for k in range(act[1])]
    return f"{SYSTEM_ACTS[act[0]]}({', '.join(items)})"


def _item_text(domain: Domain, slot: int, value: int) -> str:
    if slot == TYPE_SLOT:
        return f"{KIND}={domain.kind}"
    name = "" if slot == NO_SLOT else domain.requestables[slot]
    text = value_text(domain, slot, value)
    return name if text is None else f"{name}={text}"


def value_text(domain: Domain, slot: int, value: int) -> str | None:
    """Return a value's name; None if there is none."""
    if value == DONTCARE:
        return ANY
    if value == NO_VALUE or not 0 <= slot <= len(domain.slots):
        return None
    return values_of(domain, slot)[value]


def values_of(domain: Domain, slot: int) -> Sequence[str]:
    """Return the values of a slot or of the name; none of what only the driver may ask."""
    if slot > len(domain.slots):
        return ()
    return domain.venues if slot == len(domain.slots) else domain.values[slot]


def parse_act(domain: Domain, text: str, acts: Sequence[str] = SYSTEM_ACTS) -> Act:
    """Return the act that a text says; `act_text` writes it the same way.

    Args:
        domain: The ontology.
        text: An act in the usual notation. `dontcare` is any value, `=dontcare` "I don't mind",
            `type=` what kind of thing is looked for: the ontology's `type`, or nothing.
        acts: The acts that may come.

    Raises:
        ValueError: If the text is no act, or an act, slot or value is unknown; the message has
            the nearest match.
    """
    shape = SHAPE.fullmatch(text)
    if shape is None:
        raise ValueError(f"an act is written like inform(slot=value, slot=value), got {text!r}")
    if shape[1] not in acts:
        raise ValueError(unknown("act", shape[1], acts))
    act = np.zeros(ACT_WIDTH, np.int16)
    act[0] = SYSTEM_ACTS.index(shape[1])
    items = _items(domain, shape[2])
    if len(items) > MAX_ITEMS:
        raise ValueError(f"an act has at most {MAX_ITEMS} items, got {len(items)}: {text!r}")
    for item in items:
        add_item(act, *_parse_item(domain, item))
    return act


def parse_heard(domain: Domain, hypothesis: str | Act) -> Act:
    """Return an act that a driver may have said, from its text or as `parse_act` returned it.

    Raises:
        ValueError: If it is no act of a driver, or leaves out a value that it needs.
    """
    if isinstance(hypothesis, str):
        act = parse_act(domain, hypothesis, USER_ACTS)
    else:
        act = np.asarray(hypothesis)
        _check_act(domain, act)
    for k in range(act[1]):
        slot, value = int(act[2 + 2 * k]), int(act[3 + 2 * k])
        if act[0] != REQUEST and value == NO_VALUE and 0 <= slot <= len(domain.slots):
            name = domain.requestables[slot]
            raise ValueError(f"{name!r} has no value in {act_text(domain, act)}; write {name}=...")
    return act


def _items(domain: Domain, inside: str) -> list[str]:
    """Return the items of an act; a comma may also be part of a value."""
    items: list[str] = []
    for piece in inside.split(",") if inside.strip() else ():
        name = piece.partition("=")[0].strip()
        if items and "=" in items[-1] and not _is_slot(domain, name):
            longer = f"{items[-1]},{piece}"
            slot, _, value = longer.partition("=")
            if _is_value(domain, slot.strip(), value.strip()):
                items[-1] = longer
                continue
        items.append(piece.strip())
    return items


def _is_slot(domain: Domain, name: str) -> bool:
    return name in {"", KIND, *domain.requestables}


def _is_value(domain: Domain, slot: str, start: str) -> bool:
    """Return whether a value of a slot begins like this."""
    if slot == KIND and domain.kind.startswith(start):
        return True
    if slot not in domain.requestables:
        return False
    values = values_of(domain, domain.requestables.index(slot))
    return any(value.startswith(start) for value in values)


def _is_kind(domain: Domain, value: str) -> bool:
    """Return whether `type=value` says what is looked for, and is no value of a slot named so.

    Raises:
        ValueError: If it is neither.
    """
    if KIND in domain.requestables:
        own = values_of(domain, domain.requestables.index(KIND))
        return value == domain.kind and value not in own
    if value not in {"", domain.kind}:
        raise ValueError(unknown(KIND, value, (domain.kind,)))
    return True


def _parse_item(domain: Domain, item: str) -> tuple[int, int]:
    """Return the numbers of slot and value of an item."""
    name, equals, value = (part.strip() for part in item.partition("="))
    if name == KIND and _is_kind(domain, value):
        return TYPE_SLOT, NO_VALUE
    if name == "" and value == ANY:
        return NO_SLOT, DONTCARE
    if name not in domain.requestables:
        raise ValueError(unknown("slot", name, domain.requestables))
    slot = domain.requestables.index(name)
    if not equals:
        return slot, NO_VALUE
    if slot > len(domain.slots):
        raise ValueError(f"{name!r} can only be asked for; it takes no value, got {value!r}")
    if value == ANY:
        return slot, DONTCARE
    values = values_of(domain, slot)
    if value not in values:
        raise ValueError(unknown(f"value of {name!r}", value, values))
    return slot, values.index(value)


def _check_act(domain: Domain, act: Act) -> None:
    """Refuse what is no act of a driver in memory, before a kernel reads it."""
    if act.shape != (ACT_WIDTH,) or act.dtype != np.int16:
        raise ValueError(f"an act is int16 of shape ({ACT_WIDTH},), got {act.dtype} {act.shape}")
    if not (0 <= act[0] < len(USER_ACTS) and 0 <= act[1] <= MAX_ITEMS):
        raise ValueError(f"{act.tolist()} is no act of a driver; `parse_act` makes one from text")
    for k in range(act[1]):
        slot, value = int(act[2 + 2 * k]), int(act[3 + 2 * k])
        known = TYPE_SLOT <= slot < len(domain.requestables)
        most = len(values_of(domain, slot)) if known and slot >= 0 else 0
        if not known or not DONTCARE <= value < most:
            raise ValueError(f"item {k} of {act.tolist()} is none of the ontology {domain.name!r}")
