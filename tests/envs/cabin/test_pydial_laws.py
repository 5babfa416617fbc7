"""PyDial's laws, one by one, on a table of five places: what is said, heard and believed."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from rlkit.envs.cabin.assistant import belief, handcrafted, matching, saying
from rlkit.envs.cabin.channel import hearing
from rlkit.envs.cabin.driver import reactions
from rlkit.envs.cabin.driver.goal import add_request, open_request, remember_used
from rlkit.envs.cabin.language.notation import act_text, parse_act
from rlkit.envs.cabin.ontology.made_up import Shape, generate
from rlkit.envs.cabin.scenario.dialogue_tables import Settings, compile_tables
from rlkit.envs.cabin.simulator.dialogue import turn
from rlkit.envs.cabin.simulator.episode import clear
from rlkit.envs.cabin.state import temper
from rlkit.envs.cabin.state.acts import DO_INFORM, DO_INFORM_BYNAME, DONTCARE, NO_SLOT, NO_VALUE
from rlkit.envs.cabin.state.record import EXCLUDED, MATCHING, METHODS, Seat, as_records, new_state
from rlkit.envs.cabin.state.sets import add_row, has_row
from rlkit.envs.cabin.state.tables import Tables

SLOTS = {"food": ("thai", "greek", "indian"), "area": ("north", "south"), "pets": ("0", "1")}
CELLS = [[0, 0, 0], [0, 1, 0], [1, 0, NO_VALUE], [1, 1, NO_VALUE], [0, 0, 1]]
DOMAIN = replace(
    generate(Shape("places", SLOTS, rows=5, private=("phone", "post"))),
    venues=("alpha", "beta", "gamma", "delta", "eta"),
    cells=np.array(CELLS, np.int16),
)
FOOD, AREA, PETS, NAME, PHONE = range(5)
ALPHA, BETA, GAMMA = range(3)
MANY = 3_000
pytestmark = pytest.mark.filterwarnings("ignore:overflow encountered:RuntimeWarning")
"""Random words are multiplied modulo 2^64, of which NumPy's scalars warn and kernels do not."""


class Talk:
    """One dialogue in plain Python, whose driver wants what is told, and has no whims.

    Args:
        goal: Slots to values.
        whims: Behaviour probabilities that are not 0, by the number of their column.
    """

    def __init__(self, goal: dict[int, int], **whims: float) -> None:
        arrays = compile_tables(DOMAIN, Settings(masks=False))
        self.tables = Tables(*(as_records(array) for array in arrays))
        rules: Any = self.tables.rules[0]
        state = new_state(1, int(rules.words), int(rules.features), driving=False)
        dialogue: Any = as_records(state.record)[0]
        self.seat = Seat(self.tables, rules, dialogue, state.belief[0], state.rows[0], None)
        self.rules, self.dialogue, self.rows, self.features = (
            rules,
            dialogue,
            state.rows[0],
            state.belief[0],
        )
        dialogue.key, dialogue.patience, dialogue.patience_start = 7, 5, 5
        clear(self.seat)
        dialogue.goal[:] = NO_VALUE
        for slot, value in goal.items():
            dialogue.goal[slot] = value
            remember_used(dialogue, slot, value)
        add_request(dialogue, NAME)
        dialogue.behaviour[:] = 0.0
        for name, chance in whims.items():
            dialogue.behaviour[temper.PROBABILITIES.index(name)] = chance

    def told(self, text: str) -> str:
        """Return what the driver says to an act of the assistant."""
        self.dialogue.system[:] = parse_act(DOMAIN, text)
        reactions.react(self.rules, self.dialogue, self.rows, False)
        return act_text(DOMAIN, self.dialogue.said)

    def heard(self, text: str, after: str = "hello()") -> None:
        """Let the assistant hear one act for certain, after one of its own."""
        self.dialogue.system[:] = parse_act(DOMAIN, after)
        self.dialogue.heard[0] = parse_act(DOMAIN, text)
        self.dialogue.heard_count, self.dialogue.confidence[0] = 1, 1.0
        self.dialogue.null_confidence = 0.0
        belief.believe(self.rules, self.dialogue, self.features)
        matching.find_matches(self.seat)

    def method(self) -> str:
        """Return what kind of search the assistant believes the driver is on."""
        return METHODS[int(self.dialogue.method_evidence.argmax())]

    def requested(self, slot: int) -> float:
        """Return how likely the assistant thinks that the driver asks for a slot."""
        return float(self.features[self.rules.requested + slot])

    def excludes(self, venue: int) -> bool:
        """Return whether the driver rules a place out."""
        return bool(has_row(self.rows[EXCLUDED], venue))


def shares(draw: Callable[[], str]) -> dict[str, float]:
    """Return how often each thing is drawn."""
    drawn = Counter(draw() for _ in range(MANY))
    return {what: count / MANY for what, count in drawn.items()}


def confused(text: str) -> Callable[[], str]:
    """Return what draws another act than one that was said, as often as it takes."""
    talk, said = Talk({}), parse_act(DOMAIN, text)
    out = talk.dialogue.heard[0]

    def draw() -> str:
        while True:
            hearing.confuse(talk.rules, talk.dialogue, talk.tables.values, said, out)
            if act_text(DOMAIN, out) != text:
                return act_text(DOMAIN, out)

    return draw


# The microphone


def test_what_follows_the_type_is_confused_like_any_other_value() -> None:
    drawn = shares(confused("inform(type=places, food=thai)"))
    same_act = sum(share for act, share in drawn.items() if act.startswith("inform(type=places, f"))

    assert same_act == pytest.approx(5 / 9, abs=0.04)


def test_the_type_alone_is_taken_for_another_act() -> None:
    assert not any(act.startswith("inform(type") for act in shares(confused("inform(type=places)")))


def test_a_random_value_is_dontcare_as_often_as_any_value() -> None:
    talk = Talk({})
    drawn = Counter(
        hearing.random_value(talk.rules, talk.dialogue, slot) for slot in [FOOD, AREA] * MANY
    )

    assert drawn[DONTCARE] / (2 * MANY) == pytest.approx((1 / 4 + 1 / 3) / 2, abs=0.02)
    assert hearing.random_value(talk.rules, talk.dialogue, PHONE) == NO_VALUE


# What the assistant believes


@pytest.mark.parametrize(
    ("text", "method"),
    [
        ("hello(food=thai)", "byconstraints"),
        ("hello(name=alpha)", "byname"),
        ("hello()", "none"),
        ("hello(type=places)", "none"),
    ],
)
def test_a_hello_with_constraints_looks_for_them(text: str, method: str) -> None:
    talk = Talk({})
    talk.heard(text)

    assert talk.method() == method


def test_a_confirm_of_no_constraint_is_empty() -> None:
    talk = Talk({})
    talk.dialogue.offer_made = True
    for text, method, slot in [
        ("confirm(phone)", "none", PHONE),
        ("confirm(food=thai)", "byname", FOOD),
    ]:
        talk.heard(text)
        assert talk.method() == method
        assert talk.requested(slot) == (method == "byname")
    talk.heard("request(phone)")

    assert talk.method() == "byname"
    assert talk.requested(PHONE) == 1.0


def test_i_do_not_mind_tells_nothing_where_nothing_was_asked() -> None:
    talk = Talk({})
    talk.heard("inform(=dontcare)", after="select(food=thai, food=greek)")
    assert talk.dialogue.best[FOOD, 0] == NO_VALUE

    talk.heard("inform(=dontcare)", after="request(food)")
    assert talk.dialogue.best[FOOD, 0] == DONTCARE


def test_a_requested_name_stays_requested_and_is_all_that_is_answered() -> None:
    talk = Talk({})
    talk.heard("confirm(name=alpha)")
    talk.heard("ack()", after="inform(name=alpha, phone)")
    talk.dialogue.system[:2] = 0
    saying.answer(talk.seat)

    assert talk.requested(NAME) == 1.0
    assert talk.dialogue.system[1] == 1
    assert talk.dialogue.system[2] == NAME


def test_without_a_question_an_answer_states_something() -> None:
    talk = Talk({})
    talk.dialogue.last_offered = ALPHA
    saying.answer(talk.seat)

    assert talk.dialogue.system[1] == 2


def test_places_without_a_value_are_alike_in_it() -> None:
    talk = Talk({})

    def differ(venues: list[int]) -> bool:
        rows = talk.rows[MATCHING]
        rows[:] = 0
        for venue in venues:
            add_row(rows, venue)
        settled = np.uint64(1 << FOOD | 1 << AREA)
        holders, cells = talk.tables.holders, talk.tables.venues
        return matching.differ(talk.rules, cells, holders, rows, len(venues), settled)

    assert not differ([2, 3])
    assert differ([2, 4])
    assert differ([0, 2])
    assert not differ([0, 1])


# How the driver checks


def test_not_available_disagrees_with_a_wish() -> None:
    never = {"correct_by_negate": 1.0}
    wants, minds_not = Talk({PETS: 1}, **never), Talk({PETS: DONTCARE}, **never)

    assert wants.told("inform(name=gamma, pets)") == "negate(pets=1)"
    assert minds_not.told("inform(name=gamma, pets)") != "negate(pets=dontcare)"
    assert minds_not.dialogue.accepted_venue == GAMMA


@pytest.mark.parametrize("act", ["no_venue(area=north)", "no_other_venue(area=north)"])
def test_no_preference_agrees_with_everything(act: str) -> None:
    talk = Talk({AREA: DONTCARE, FOOD: 0}, correct_by_negate=1.0)
    add_row(talk.rows[MATCHING], ALPHA)

    assert not talk.told(act).startswith("negate")


def test_two_ways_of_correcting_are_cut_from_one_draw() -> None:
    def draw() -> str:
        talk.dialogue.said[1] = 0
        return talk.told("inform(name=beta, area=south)").partition("(")[0]

    talk = Talk({AREA: 0}, correct_by_negate=0.4, correct_by_deny=0.5)
    drawn = shares(draw)

    assert drawn["negate"] == pytest.approx(0.4, abs=0.04)
    assert drawn["deny"] == pytest.approx(0.5, abs=0.04)
    assert drawn["inform"] == pytest.approx(0.1, abs=0.03)


def test_a_wish_is_mentioned_only_by_its_own_value() -> None:
    talk = Talk({FOOD: 0, AREA: 0}, overrule_correction=1.0)
    asked = shares(lambda: talk.told("inform(name=beta, food=thai, area=south)"))

    assert set(asked) == {"confirm(area=north)"}


def test_what_was_answered_is_forgotten_when_a_correction_is_overruled() -> None:
    talk = Talk({FOOD: 0, AREA: 0}, overrule_correction=1.0)
    talk.dialogue.known_venue, talk.dialogue.answered = ALPHA, np.uint64(1)

    assert talk.told("confirm(area=south)").startswith("confirm")
    assert talk.dialogue.known_venue == -1
    assert open_request(talk.dialogue, 0) == 0


def test_a_doubt_makes_answered_questions_of_all_that_was_stated() -> None:
    talk = Talk({FOOD: 0, AREA: 0}, confirm_random_constraint=1.0)
    answered = talk.told("inform(name=alpha, food=thai, phone)")
    requests = talk.dialogue.requests[: talk.dialogue.request_count].tolist()

    assert answered == "confirm(area=north)"
    assert requests == [NAME, FOOD, PHONE]
    assert open_request(talk.dialogue, 0) == -1
    assert talk.dialogue.known_venue == ALPHA

    talk.dialogue.behaviour[temper.CORRECT_BY_NEGATE] = 1.0
    talk.dialogue.behaviour[temper.CONFIRM_RANDOM_CONSTRAINT] = 0.0
    talk.told("confirm(area=south)")
    assert [open_request(talk.dialogue, place) for place in range(3)] == [0, 1, 2]


@pytest.mark.parametrize(
    ("held", "act", "doubts"),
    [
        (False, "inform(name=alpha, phone)", False),
        (True, "inform(name=alpha)", False),
        (True, "inform(name=alpha, phone)", True),
    ],
)
def test_a_name_makes_doubt_only_with_more_about_a_place_held(
    held: bool, act: str, doubts: bool
) -> None:
    talk = Talk({FOOD: 0}, confirm_random_constraint=1.0)
    talk.dialogue.accepted_venue = ALPHA if held else -1

    assert (talk.told(act) == "confirm(food=thai)") == doubts


# How the driver goes on


def test_thanks_and_okay_are_cut_from_one_draw() -> None:
    def draw() -> str:
        talk.dialogue.said[1], talk.dialogue.request_count = 0, 0
        return talk.told("inform(name=alpha)")

    talk = Talk({}, thank=0.4, acknowledge=0.5)
    drawn = shares(draw)

    assert drawn["thankyou()"] == pytest.approx(0.4, abs=0.04)
    assert drawn["ack()"] == pytest.approx(0.5, abs=0.04)


def test_a_first_offer_is_refused_or_changed_by_one_draw() -> None:
    def draw() -> str:
        talk = Talk({FOOD: 0}, **whims)
        talk.dialogue.counter = counter[0] = counter[0] + 100
        return talk.told("inform(name=alpha, food=thai)")

    counter = [0]
    whims = {"alternative_after_offer": 0.4, "change_after_offer": 0.5, "tell_about_change": 1.0}
    drawn = shares(draw)
    changed = sum(share for act, share in drawn.items() if act.startswith("reqalts(food"))

    assert drawn["reqalts()"] == pytest.approx(0.4, abs=0.04)
    assert changed == pytest.approx(0.5, abs=0.04)


def test_what_was_never_wished_for_can_only_be_dropped() -> None:
    stated = "inform(name=alpha, pets=0)"
    whims = {"change_after_offer": 1.0, "tell_about_change": 1.0}

    assert Talk({FOOD: 0}, **whims).told(stated) == "reqalts(pets=dontcare)"
    assert Talk({FOOD: 0, PETS: 0}, **whims).told(stated) == "reqalts(pets=1)"

    asked = Talk({FOOD: 0}, **whims, new_request_dontcare=1.0)
    assert asked.told("request(pets)") == "inform(=dontcare)"
    assert asked.told(stated) in {"reqalts(pets=0)", "reqalts(pets=1)"}


def test_of_no_other_places_one_is_taken_and_asked_about_by_name() -> None:
    talk = Talk({FOOD: 0, AREA: 0}, add_slot_to_request=1.0)
    talk.dialogue.choosing = False
    add_request(talk.dialogue, PHONE)
    for venue in (ALPHA, 4):
        add_row(talk.rows[MATCHING], venue)
    add_row(talk.rows[EXCLUDED], ALPHA)
    said = talk.told("no_other_venue(food=thai)")

    assert said == "request(name=eta, phone)"
    assert talk.dialogue.known_venue == 4
    assert talk.dialogue.accepted_venue == -1
    assert talk.dialogue.goal[AREA] == DONTCARE


def test_of_no_other_places_the_one_held_is_taken_and_with_all_answered_that_is_all() -> None:
    talk = Talk({FOOD: 0})
    talk.dialogue.choosing, talk.dialogue.accepted_venue = False, BETA
    for venue in (ALPHA, BETA):
        add_row(talk.rows[MATCHING], venue)

    assert talk.told("no_other_venue(food=thai)") == "bye()"
    assert talk.dialogue.known_venue == BETA


def test_no_other_place_can_be_the_first_offer() -> None:
    talk = Talk({FOOD: 0}, alternative_after_offer=1.0)
    add_row(talk.rows[MATCHING], ALPHA)

    assert talk.told("no_other_venue(food=thai)") == "reqalts()"
    assert not talk.excludes(ALPHA)
    assert talk.told("no_other_venue(food=thai)") == "bye()"


# Turns, and the rules


@pytest.mark.parametrize("told", [True, False])
def test_the_last_act_is_heard_before_success_is_judged(told: bool) -> None:
    talk = Talk({FOOD: 0})
    talk.rules.max_turns = 3
    talk.dialogue.turn = 2
    talk.heard("inform(food=thai)" if told else "inform(food=greek)")
    inform = handcrafted.action_of(talk.rules, DO_INFORM, NO_SLOT)
    turn(talk.seat, inform)

    assert talk.dialogue.ended
    assert talk.dialogue.success == told


def test_the_rules_offer_the_first_match_and_summary_acts_the_last_offer() -> None:
    talk = Talk({})
    talk.heard("inform(food=thai)")
    offered = []
    for by_rules in (True, False):
        talk.dialogue.last_offered, talk.dialogue.by_rules = BETA, by_rules
        talk.dialogue.system[1] = 0
        saying.offer_match(talk.seat)
        offered.append(int(talk.dialogue.system[3]))

    assert offered == [ALPHA, BETA]


@pytest.mark.parametrize(("confidence", "by_rules"), [(0.9, ALPHA), (0.7, BETA)])
def test_the_rules_take_a_name_for_said_when_nothing_is_left_to_ask(
    confidence: float, by_rules: int
) -> None:
    talk = Talk({})
    talk.heard("inform(name=alpha)")
    place = talk.rules.slot_belief[NAME]
    talk.features[place : place + 7] = 0.0
    talk.features[place + ALPHA], talk.features[place + 5] = confidence, 1 - confidence
    assert handcrafted.follow(talk.rules, talk.dialogue, talk.features) == (
        DO_INFORM_BYNAME if confidence > 0.8 else handcrafted.NO_ACT
    )

    talk.dialogue.last_offered = BETA
    found = []
    for talk.dialogue.by_rules in (True, False):
        found.append(saying.venue_in_question(talk.rules, talk.dialogue, talk.features))

    assert found == [by_rules, ALPHA]
