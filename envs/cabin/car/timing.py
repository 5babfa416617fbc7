"""How long each act of the assistant takes, and how much it asks of the driver."""

from rlkit.compiled import shared
from rlkit.envs.cabin.state.acts import (
    AFFIRM,
    BYE,
    CONFIRM,
    EXECUTE,
    HAND_OVER,
    NULL,
    QUIET,
    REFUSE,
    REPEAT,
    REQUEST,
    SELECT,
    WAIT,
    Act,
)
from rlkit.envs.cabin.state.tables import Record

REQUEST_WORDS, CONFIRM_WORDS, SELECT_WORDS, OFFER_WORDS, REPEAT_WORDS, BYE_WORDS = 6, 1, 3, 4, 5, 1
"""Words of an act without its items (assumption)."""
ITEM_WORDS = 2
"""Words of one slot and value (assumption)."""
ANSWER_WORDS = 2
"""Words of the driver's act without its items (assumption)."""


@shared
def spoken_words(act: Act) -> int:
    """Return how many words the assistant says."""
    kind, items = act[0], act[1]
    if kind == REQUEST:
        return REQUEST_WORDS
    if kind == CONFIRM:
        return CONFIRM_WORDS + ITEM_WORDS * int(items)
    if kind == SELECT:
        return SELECT_WORDS + ITEM_WORDS * int(items)
    if kind == REPEAT:
        return REPEAT_WORDS
    if kind in (BYE, NULL):
        return BYE_WORDS
    return OFFER_WORDS + ITEM_WORDS * int(items)


@shared
def expects_answer(act: Act) -> bool:
    """Return whether the driver is expected to answer."""
    return act[0] not in (EXECUTE, REFUSE, QUIET, WAIT, HAND_OVER, BYE)


@shared
def act_seconds(constants: Record, act: Act) -> float:
    """Return how long the assistant speaks or acts [s]."""
    kind = act[0]
    if kind in (EXECUTE, REFUSE):
        return float(constants.command_seconds)
    if kind == QUIET:
        return float(constants.quiet_seconds)
    if kind == WAIT:
        return float(constants.wait_seconds)
    if kind == HAND_OVER:
        return float(constants.hand_over_seconds)
    return spoken_words(act) / float(constants.speech_rate)


@shared
def answer_seconds(constants: Record, load: float, said: Act) -> float:
    """Return how long pause and answer take [s]; without an answer, how long the car listens."""
    pause = constants.pause + constants.loaded_pause * load
    if said[0] == NULL:
        return float(pause + constants.listening)
    if said[0] == AFFIRM and said[1] == 0:
        return float(pause + ANSWER_WORDS / constants.speech_rate)
    words = ANSWER_WORDS + ITEM_WORDS * said[1]
    return float(pause + words / constants.speech_rate)


@shared
def act_demand(constants: Record, act: Act) -> float:
    """Return the demand of an act on the AAA scale."""
    kind = act[0]
    if kind == WAIT:
        return 1.0
    if kind == CONFIRM:
        return float(constants.yes_no_demand)
    if kind == SELECT:
        return float(constants.choice_demand)
    if expects_answer(act):
        return float(constants.answer_demand)
    return float(constants.telling_demand)


@shared
def answer_demand(constants: Record, act: Act) -> float:
    """Return the demand of the driver's part: of a question's answer, or of speaking unasked."""
    demand = act_demand(constants, act)
    return demand if expects_answer(act) else max(demand, float(constants.yes_no_demand))
