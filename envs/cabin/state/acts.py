"""Dialogue acts: their codes, their layout in memory, and the assistant's catalogue of them.

A dialogue act is a type and up to `MAX_ITEMS` pairs of slot and value, such as
`inform(food=thai, area=dontcare)`. In memory it is one row of int16:
`[type, number of items, slot 0, value 0, slot 1, value 1, ...]`.
"""

from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from rlkit.compiled import shared

Act: TypeAlias = NDArray[np.int16]
"""One act in memory, shape `(ACT_WIDTH,)`."""

MAX_ITEMS = 12
"""Items of one act; what does not fit is left unsaid."""
ACT_WIDTH = 2 + 2 * MAX_ITEMS

USER_ACTS = (
    "hello",
    "thankyou",
    "ack",
    "bye",
    "inform",
    "request",
    "reqalts",
    "reqmore",
    "confirm",
    "affirm",
    "negate",
    "deny",
    "repeat",
    "null",
)
"""What a driver may say, in the notation of the Cambridge dialogue systems (PyDial)."""
(
    HELLO,
    THANKYOU,
    ACK,
    BYE,
    INFORM,
    REQUEST,
    REQALTS,
    REQMORE,
    CONFIRM,
    AFFIRM,
    NEGATE,
    DENY,
    REPEAT,
    NULL,
) = range(14)

SYSTEM_ACTS = (
    *USER_ACTS,
    "select",
    "no_venue",
    "no_other_venue",
    "execute",
    "refuse",
    "wait",
    "quiet",
    "hand_over",
)
"""What the assistant may say or do; the first fourteen share the driver's codes."""
(SELECT, NO_VENUE, NO_OTHER_VENUE, EXECUTE, REFUSE, WAIT, QUIET, HAND_OVER) = range(14, 22)

NO_SLOT = -1
"""Slot of an item that names none: "I don't mind"."""
TYPE_SLOT = -2
"""Slot of the item that only says what kind of thing is looked for."""
NO_VALUE = -1
"""Value of an item that has none, and "not constrained" in a goal."""
DONTCARE = -2
"""The value "any will do"."""

# Summary acts of the assistant, before they are filled with slots and values.
(
    DO_REQUEST,
    DO_CONFIRM,
    DO_SELECT,
    DO_INFORM,
    DO_INFORM_BYNAME,
    DO_INFORM_ALTERNATIVES,
    DO_BYE,
    DO_REPEAT,
    DO_REQMORE,
    DO_RESTART,
    DO_EXECUTE,
    DO_REFUSE,
    DO_WAIT,
    DO_QUIET,
    DO_HAND_OVER,
    DO_CONFIRM_FUNCTION,
) = range(16)


class Action(NamedTuple):
    """One action of the assistant: its name, what it does, and what it is about."""

    name: str
    kind: int
    slot: int = NO_SLOT
    """The number of the slot, or of the function that a whole command is confirmed of."""


def venue_actions(slots: tuple[str, ...]) -> tuple[Action, ...]:
    """Return PyDial's summary acts: three for each slot and seven others.

    *repeat* and *restart* keep their place in the list, and are never legal.
    """
    general = [
        Action("inform", DO_INFORM),
        Action("inform_byname", DO_INFORM_BYNAME),
        Action("inform_alternatives", DO_INFORM_ALTERNATIVES),
        Action("bye", DO_BYE),
        Action("repeat", DO_REPEAT),
        Action("reqmore", DO_REQMORE),
        Action("restart", DO_RESTART),
    ]
    return (*slot_actions(slots), *general)


def car_actions(slots: tuple[str, ...], functions: tuple[str, ...]) -> tuple[Action, ...]:
    """Return the acts in a car: three for each slot, one for each function and ten others."""
    commands = [
        Action(f"confirm_{name}_command", DO_CONFIRM_FUNCTION, number)
        for number, name in enumerate(functions)
    ]
    general = [
        Action("inform", DO_INFORM),
        Action("inform_byname", DO_INFORM_BYNAME),
        Action("inform_alternatives", DO_INFORM_ALTERNATIVES),
        Action("execute", DO_EXECUTE),
        Action("refuse", DO_REFUSE),
        Action("repeat", DO_REPEAT),
        Action("quiet", DO_QUIET),
        Action("wait", DO_WAIT),
        Action("hand_over", DO_HAND_OVER),
        Action("bye", DO_BYE),
    ]
    return (*slot_actions(slots), *commands, *general)


def slot_actions(slots: tuple[str, ...]) -> list[Action]:
    """Return the acts about single slots: request, confirm, and select among the two best."""
    verbs = (("request", DO_REQUEST), ("confirm", DO_CONFIRM), ("select", DO_SELECT))
    return [
        Action(f"{verb}_{name}", kind, slot)
        for slot, name in enumerate(slots)
        for verb, kind in verbs
    ]


@shared
def add_item(act: Act, slot: int, value: int) -> None:
    """Append an item to an act, if there is room."""
    count = act[1]
    if 2 * count + 2 < ACT_WIDTH:
        act[2 + 2 * count] = slot
        act[3 + 2 * count] = value
        act[1] = count + 1


@shared
def copy_act(source: Act, target: Act) -> None:
    """Copy an act."""
    for column in range(2 + 2 * source[1]):
        target[column] = source[column]


@shared
def same_act(first: Act, second: Act) -> bool:
    """Return whether two acts are equal, item by item."""
    if first[0] != second[0]:
        return False
    for column in range(1, 2 + 2 * first[1]):  # noqa: SIM110 (kernels have no any() and all())
        if first[column] != second[column]:
            return False
    return True
