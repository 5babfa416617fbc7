"""How the driver reacts to what the assistant says (agenda-based user, Schatzmann et al. 2007).

`react` writes the driver's next act. A reaction either decides on an act at once, or leaves it to
the agenda.
"""

from rlkit.compiled import shared
from rlkit.envs.cabin.driver.agenda import (
    append_top,
    drop_about,
    lose_patience,
    phrase,
    pop,
    push,
    remove,
    top_is,
    waiting_inform,
)
from rlkit.envs.cabin.driver.checking import CONSISTENT, check, forget_answers
from rlkit.envs.cabin.driver.goal import (
    answer_name,
    answer_requests,
    change_goal,
    exclude_offered,
    forget_names,
    open_request,
    random_constraint,
    remember_used,
)
from rlkit.envs.cabin.state.acts import (
    ACK,
    AFFIRM,
    BYE,
    CONFIRM,
    DONTCARE,
    INFORM,
    NEGATE,
    NO_OTHER_VENUE,
    NO_SLOT,
    NO_VALUE,
    NO_VENUE,
    REQALTS,
    REQMORE,
    REQUEST,
    SELECT,
    THANKYOU,
    TYPE_SLOT,
    Act,
    add_item,
)
from rlkit.envs.cabin.state.draws import draw, draw_either, pick
from rlkit.envs.cabin.state.record import EXCLUDED, MATCHING
from rlkit.envs.cabin.state.sets import count_outside, has_row, nth_row_outside
from rlkit.envs.cabin.state.tables import Record, Words
from rlkit.envs.cabin.state.temper import (
    ACKNOWLEDGE,
    ADD_SLOT_TO_REQUEST,
    AFFIRM_COMBINATION,
    AFFIRM_WITH_AGENDA_ITEM,
    ALTERNATIVE_AFTER_OFFER,
    CHANGE_AFTER_OFFER,
    DEAL_WITH_PENDING,
    INFORM_TO_CONFIRM,
    NEW_REQUEST_DONTCARE,
    NEW_REQUEST_REPEAT,
    NO_AFTER_REQMORE,
    THANK,
    YES_AFTER_REQMORE,
)

UNDECIDED = -1
"""Type of an act that the agenda still has to supply."""


@shared
def on_request(rules: Record, dialogue: Record) -> None:
    """Answer a question about a slot."""
    act = dialogue.said
    slot = dialogue.system[2]
    asked = open_request(dialogue, 0)
    if dialogue.known_venue >= 0 and asked >= 0:
        act[0] = REQUEST
        add_item(act, rules.slots, dialogue.known_venue)
        add_item(act, dialogue.requests[asked], NO_VALUE)
        return
    place = waiting_inform(dialogue, slot)
    if place >= 0:
        value = dialogue.agenda_values[place]
        remove(dialogue, place)
        push(dialogue, INFORM, slot, value)
        return
    act[0] = INFORM
    if dialogue.goal[slot] != NO_VALUE:
        add_item(act, slot, dialogue.goal[slot])
    else:
        answer_unasked(rules, dialogue, slot)


@shared
def answer_unasked(rules: Record, dialogue: Record, slot: int) -> None:
    """Answer a question about what the goal leaves open: a constraint again, or "I don't mind"."""
    act = dialogue.said
    answer = draw_either(dialogue, NEW_REQUEST_REPEAT, NEW_REQUEST_DONTCARE)
    if answer == 0:
        other = random_constraint(rules, dialogue)
        add_item(act, other, dialogue.goal[other])
        return
    remember_used(dialogue, slot, DONTCARE)
    if answer == 1:
        add_item(act, NO_SLOT, DONTCARE)
    else:
        dialogue.goal[slot] = DONTCARE
        add_item(act, slot, DONTCARE)


@shared
def on_confirm(rules: Record, dialogue: Record, rows: Words) -> None:
    """Say yes, or correct the assistant."""
    act = dialogue.said
    slot, value = dialogue.system[2], dialogue.system[3]
    if check(rules, dialogue, rows) != CONSISTENT:
        return
    if dialogue.goal[slot] == NO_VALUE and value != DONTCARE:
        act[0] = NEGATE
        add_item(act, slot, DONTCARE)
        return
    act[0] = AFFIRM
    if draw(dialogue) < dialogue.behaviour[AFFIRM_COMBINATION] and top_is(dialogue, INFORM):
        append_top(dialogue, act)


@shared
def on_select(dialogue: Record) -> None:
    """Choose: the goal's value, whether or not it was among the two."""
    act = dialogue.said
    slot = dialogue.system[2]
    if dialogue.goal[slot] == NO_VALUE:
        dialogue.goal[slot] = DONTCARE
    act[0] = INFORM
    add_item(act, slot, dialogue.goal[slot])


@shared
def on_venue(rules: Record, dialogue: Record, rows: Words) -> None:
    """React to an offer or an answer, both of which name a venue."""
    venue = dialogue.system[3]
    if venue != dialogue.known_venue:
        forget_answers(dialogue)
    if check(rules, dialogue, rows) != CONSISTENT:
        return
    if wants_another(rules, dialogue, rows):
        return
    dialogue.accepted_venue = venue
    answer_requests(rules, dialogue)
    if goes_on_to_ask(dialogue):
        ask_open_requests(dialogue)


@shared
def wants_another(rules: Record, dialogue: Record, rows: Words) -> bool:
    """Return whether the first good offer makes the driver ask for something else."""
    if not dialogue.choosing:
        return False
    dialogue.choosing = False
    wish = draw_either(dialogue, ALTERNATIVE_AFTER_OFFER, CHANGE_AFTER_OFFER)
    if wish == 0:
        exclude_offered(dialogue, rows)
        dialogue.said[0] = REQALTS
    elif wish == 1:
        change_goal(rules, dialogue, rows)
    return wish < 2


@shared
def goes_on_to_ask(dialogue: Record) -> bool:
    """Return whether what was told lets the driver ask on: no thanks, nothing waits to be said."""
    act = dialogue.said
    if draw(dialogue) < dialogue.behaviour[INFORM_TO_CONFIRM]:
        turn_informs_into_questions(dialogue)
    thanks = draw_either(dialogue, THANK, ACKNOWLEDGE)
    if thanks < 2:
        act[0] = THANKYOU if thanks == 0 else ACK
        return False
    pending = dialogue.agenda_size > 1
    return not (pending and draw(dialogue) < dialogue.behaviour[DEAL_WITH_PENDING])


@shared
def turn_informs_into_questions(dialogue: Record) -> None:
    """Make every waiting inform a question whether it holds."""
    for place in range(dialogue.agenda_size):
        if dialogue.agenda_acts[place] == INFORM and dialogue.agenda_values[place] != DONTCARE:
            dialogue.agenda_acts[place] = CONFIRM


@shared
def ask_open_requests(dialogue: Record) -> None:
    """Ask for the first open slot, perhaps also for the next ones; nothing if all are answered."""
    act = dialogue.said
    asked = open_request(dialogue, 0)
    if asked < 0:
        return
    act[0] = REQUEST
    add_item(act, dialogue.requests[asked], NO_VALUE)
    asked = open_request(dialogue, asked + 1)
    while asked >= 0 and draw(dialogue) < dialogue.behaviour[ADD_SLOT_TO_REQUEST]:
        add_item(act, dialogue.requests[asked], NO_VALUE)
        asked = open_request(dialogue, asked + 1)


@shared
def on_no_venue(rules: Record, dialogue: Record, rows: Words) -> None:
    """Correct the assistant, or change the goal."""
    if check(rules, dialogue, rows) == CONSISTENT:
        change_goal(rules, dialogue, rows)


@shared
def on_no_other_venue(rules: Record, dialogue: Record, rows: Words) -> None:
    """Take one of the venues that were offered before, and ask about it."""
    if check(rules, dialogue, rows) != CONSISTENT or wants_another(rules, dialogue, rows):
        return
    venue = choose_listed(dialogue, rows)
    for slot in range(rules.slots):
        free = slot != rules.function_slot and dialogue.goal[slot] != NO_VALUE
        if free and not mentions(dialogue.system, slot):
            dialogue.goal[slot] = DONTCARE
            drop_about(dialogue, slot)
    answer_requests(rules, dialogue)
    answer_name(rules, dialogue, venue)
    if goes_on_to_ask(dialogue) and open_request(dialogue, 0) >= 0:
        add_item(dialogue.said, rules.slots, venue)
        ask_open_requests(dialogue)


@shared
def choose_listed(dialogue: Record, rows: Words) -> int:
    """Return the venue held if it is listed, else one that is not excluded, else any at all."""
    listed, excluded = rows[MATCHING], rows[EXCLUDED]
    held = dialogue.accepted_venue
    if held >= 0 and has_row(listed, held):
        return int(held)
    if held >= 0 or count_outside(listed, excluded) == 0:
        forget_names(dialogue, rows)
    return nth_row_outside(listed, excluded, pick(dialogue, count_outside(listed, excluded)))


@shared
def mentions(act: Act, slot: int) -> bool:
    """Return whether the act has an item about the slot."""
    for item in range(act[1]):  # noqa: SIM110 (kernels have no any() and all())
        if act[2 + 2 * item] == slot:
            return True
    return False


@shared
def on_more(rules: Record, dialogue: Record) -> None:
    """Answer "anything else?"."""
    act = dialogue.said
    if dialogue.agenda_size > 1:
        pop(dialogue, act)
        affirms = act[0] == INFORM and act[2] != TYPE_SLOT
        if affirms and draw(dialogue) < dialogue.behaviour[AFFIRM_WITH_AGENDA_ITEM]:
            act[0] = AFFIRM
        return
    asked = open_request(dialogue, 0)
    if asked < 0:
        act[0] = NEGATE if draw(dialogue) < dialogue.behaviour[NO_AFTER_REQMORE] else BYE
    elif dialogue.known_venue >= 0:
        push_open_requests(dialogue)
    elif draw(dialogue) < dialogue.behaviour[YES_AFTER_REQMORE]:
        act[0] = AFFIRM
    else:
        tell_everything(rules, dialogue)


@shared
def push_open_requests(dialogue: Record) -> None:
    """Put every open question on the agenda, the first one on top."""
    for place in range(dialogue.request_count - 1, -1, -1):
        if open_request(dialogue, place) == place:
            push(dialogue, REQUEST, dialogue.requests[place], NO_VALUE)


@shared
def tell_everything(rules: Record, dialogue: Record) -> None:
    """Say what kind of place is looked for, and every constraint with a value."""
    act = dialogue.said
    act[0], act[1] = INFORM, 0
    if rules.function_slot == NO_SLOT:
        add_item(act, TYPE_SLOT, NO_VALUE)
    for slot in range(rules.slots):
        if dialogue.goal[slot] >= 0:
            add_item(act, slot, dialogue.goal[slot])


@shared
def respond(rules: Record, dialogue: Record, rows: Words) -> None:
    """Decide on an act, or leave it to the agenda."""
    kind = dialogue.system[0]
    if kind == REQUEST:
        on_request(rules, dialogue)
    elif kind == CONFIRM:
        on_confirm(rules, dialogue, rows)
    elif kind == SELECT:
        on_select(dialogue)
    elif kind == INFORM:
        on_venue(rules, dialogue, rows)
    elif kind == NO_VENUE:
        on_no_venue(rules, dialogue, rows)
    elif kind == NO_OTHER_VENUE:
        on_no_other_venue(rules, dialogue, rows)
    elif kind == REQMORE:
        on_more(rules, dialogue)


@shared
def react(rules: Record, dialogue: Record, rows: Words, repeated: bool) -> None:
    """Write the driver's answer to the assistant's act.

    Args:
        rules: The ontology and scenario.
        dialogue: The environment's record.
        rows: Its sets of venues.
        repeated: Whether the assistant said nothing new; that costs patience.
    """
    act = dialogue.said
    act[0], act[1] = UNDECIDED, 0
    if repeated and lose_patience(dialogue):
        return
    respond(rules, dialogue, rows)
    if act[0] == UNDECIDED:
        pop(dialogue, act)
    phrase(rules, dialogue)
