"""The driver's agenda: a stack of things still to say, how it is spoken, and when dropped."""

from rlkit.compiled import shared
from rlkit.envs.cabin.state.acts import (
    ACK,
    AFFIRM,
    BYE,
    CONFIRM,
    DENY,
    DONTCARE,
    HELLO,
    INFORM,
    NEGATE,
    NO_SLOT,
    NO_VALUE,
    REQMORE,
    REQUEST,
    SELECT,
    THANKYOU,
    Act,
    add_item,
)
from rlkit.envs.cabin.state.draws import draw
from rlkit.envs.cabin.state.record import AGENDA_SIZE
from rlkit.envs.cabin.state.tables import Record
from rlkit.envs.cabin.state.temper import (
    ADD_VENUE_NAME_TO_REQUEST,
    INFORM_COMBINATION,
    NO_SLOT_WITH_DONTCARE,
)

GAVE_UP_CORRECTING, GAVE_UP_WAITING = 1, 2
"""Values of the record's `gave_up`."""


@shared
def push(dialogue: Record, kind: int, slot: int, value: int) -> None:
    """Put an act of at most one item on top; a full agenda takes no more."""
    size = dialogue.agenda_size
    if size < AGENDA_SIZE:
        dialogue.agenda_acts[size] = kind
        dialogue.agenda_slots[size] = slot
        dialogue.agenda_values[size] = value
        dialogue.agenda_size = size + 1


@shared
def pop(dialogue: Record, act: Act) -> None:
    """Take the top of the agenda as the act to say; from an empty one it is bye."""
    act[1] = 0
    if dialogue.agenda_size == 0:
        act[0] = BYE
        return
    act[0] = dialogue.agenda_acts[dialogue.agenda_size - 1]
    append_top(dialogue, act)


@shared
def append_top(dialogue: Record, act: Act) -> None:
    """Take the item on top of the agenda into an act."""
    top = dialogue.agenda_size - 1
    dialogue.agenda_size = top
    slot, value = dialogue.agenda_slots[top], dialogue.agenda_values[top]
    if slot != NO_SLOT or value != NO_VALUE:
        add_item(act, slot, value)


@shared
def remove(dialogue: Record, place: int) -> None:
    """Take one act out of the agenda."""
    for above in range(place + 1, dialogue.agenda_size):
        dialogue.agenda_acts[above - 1] = dialogue.agenda_acts[above]
        dialogue.agenda_slots[above - 1] = dialogue.agenda_slots[above]
        dialogue.agenda_values[above - 1] = dialogue.agenda_values[above]
    dialogue.agenda_size -= 1


@shared
def top_is(dialogue: Record, kind: int) -> bool:
    """Return whether an act of this type is on top."""
    size = dialogue.agenda_size
    return bool(size > 0 and dialogue.agenda_acts[size - 1] == kind)


@shared
def waiting_inform(dialogue: Record, slot: int) -> int:
    """Return the place of the topmost inform about the slot, or -1."""
    for place in range(dialogue.agenda_size - 1, -1, -1):
        if dialogue.agenda_acts[place] == INFORM and dialogue.agenda_slots[place] == slot:
            return place
    return -1


@shared
def drop_about(dialogue: Record, slot: int) -> None:
    """Drop everything that still would be said about the slot."""
    for place in range(dialogue.agenda_size - 1, -1, -1):
        if dialogue.agenda_slots[place] == slot and dialogue.agenda_acts[place] in (
            INFORM,
            CONFIRM,
            AFFIRM,
        ):
            remove(dialogue, place)


@shared
def phrase(rules: Record, dialogue: Record) -> None:
    """Finish the driver's act: tidy the agenda, leave out or add items, and merge."""
    act = dialogue.said
    asked = dialogue.system[0]
    kind = act[0]
    if kind in (INFORM, CONFIRM) or (kind in (AFFIRM, NEGATE) and act[1] > 0):
        for item in range(act[1]):
            drop_about(dialogue, act[2 + 2 * item])
    if kind in (THANKYOU, ACK, DENY, CONFIRM, BYE) or asked == REQMORE:
        return
    if kind == INFORM and asked in (REQUEST, SELECT) and act[1] > 0 and act[3] == DONTCARE:
        if act[2] != NO_SLOT and draw(dialogue) < dialogue.behaviour[NO_SLOT_WITH_DONTCARE]:
            act[2] = NO_SLOT
    elif kind == REQUEST and act[1] == 1 and dialogue.known_venue >= 0:
        name_venue_in_question(rules, dialogue)
    if kind in (INFORM, NEGATE, AFFIRM, HELLO):
        merge(dialogue, act)


@shared
def name_venue_in_question(rules: Record, dialogue: Record) -> None:
    """Perhaps put the venue's name before the one thing that is asked."""
    act = dialogue.said
    if draw(dialogue) < dialogue.behaviour[ADD_VENUE_NAME_TO_REQUEST]:
        act[4], act[5] = act[2], act[3]
        act[2], act[3] = rules.slots, dialogue.known_venue
        act[1] = 2


@shared
def merge(dialogue: Record, act: Act) -> None:
    """Add waiting informs (after hello also requests) as long as the driver is talkative."""
    while top_is(dialogue, INFORM) or (act[0] == HELLO and top_is(dialogue, REQUEST)):
        if draw(dialogue) >= dialogue.behaviour[INFORM_COMBINATION]:
            return
        append_top(dialogue, act)


@shared
def give_up(dialogue: Record, reason: int) -> None:
    """Say good-bye before the goal is met."""
    dialogue.agenda_size = 0
    dialogue.gave_up = reason
    dialogue.said[0], dialogue.said[1] = BYE, 0


@shared
def lose_patience(dialogue: Record) -> bool:
    """Lose one unit of patience; return whether none is left, so that the driver gives up."""
    dialogue.patience -= 1
    if dialogue.patience > 0:
        return False
    give_up(dialogue, GAVE_UP_WAITING)
    return True
