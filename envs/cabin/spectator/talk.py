"""The conversation, what is believed and what is wanted, in words for the dashboard."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rlkit.envs.cabin.assistant.matching import best_mass, is_relevant, none_mass
from rlkit.envs.cabin.car.timing import expects_answer
from rlkit.envs.cabin.car.vehicle import SAFE
from rlkit.envs.cabin.dashboard.scene import Belief, GoalBar, Heard, Utterance
from rlkit.envs.cabin.language.notation import value_text
from rlkit.envs.cabin.language.speech import sentence
from rlkit.envs.cabin.ontology.domain import Domain
from rlkit.envs.cabin.state.acts import (
    ACT_WIDTH,
    DONTCARE,
    INFORM,
    NO_VALUE,
    NULL,
    QUIET,
    WAIT,
    add_item,
    same_act,
)

DEEDS = {QUIET: "(closes windows, turns fan and music down)"}
"""Acts whose words are not all."""
NOT_UNDERSTOOD = "(says nothing)"
"""An assistant's act that could not be filled."""
GIVES_UP = "(gives up)"
LEAST_MASS, LEAST_ASIDE = 0.02, 0.1
"""Slots of which less is believed are not shown; the second if the dialogue is not about them."""


def car_line(domain: Domain, act: NDArray[np.int16]) -> Utterance:
    """Return what the assistant says or does."""
    if act[0] == WAIT:
        return waiting(1)
    words = [sentence(domain, "assistant", act), DEEDS.get(int(act[0]), "")]
    return Utterance("car", " ".join(filter(None, words)) or NOT_UNDERSTOOD)


def waiting(times: int) -> Utterance:
    """Return the line of one or several acts of waiting."""
    return Utterance("car", f"(waits for a quieter moment{f': {times} times' * (times > 1)})")


def driver_line(domain: Domain, dialogue: Any) -> Utterance | None:
    """Return what the driver says and what is heard of it; None for an expected silence."""
    said, count = dialogue.said, int(dialogue.heard_count)
    if said[0] == NULL and not expects_answer(dialogue.system):
        return None
    heard = tuple(
        Heard(sentence(domain, "driver", dialogue.heard[rank]), float(dialogue.confidence[rank]))
        for rank in range(count)
    )
    silence = min(max(float(dialogue.null_confidence), 0.0), 1.0)
    best = max((one.confidence for one in heard), default=0.0)
    missed = silence > best or not same_act(said, dialogue.heard[0])
    return Utterance(
        "driver",
        sentence(domain, "driver", said),
        heard,
        silence,
        misheard=bool(said[0] != NULL and missed),
    )


def beliefs_of(domain: Domain, rules: Any, dialogue: Any, features: Any, car: Any) -> list[Belief]:
    """Return what is believed of each slot of which anything is.

    Args:
        domain: The ontology.
        rules: Its rules, as a record whose fields are attributes.
        dialogue: The dialogue's record, likewise.
        features: Its features.
        car: The car's record; None without one.
    """
    names = (*domain.slots, domain.entity)
    guarded = _guarded_slot(domain, car)
    found = []
    for slot, name in enumerate(names):
        mass = best_mass(rules, dialogue, features, slot, 0)
        if mass < (LEAST_MASS if is_relevant(dialogue, slot) else LEAST_ASIDE):
            continue
        second = best_mass(rules, dialogue, features, slot, 1)
        none = none_mass(rules, features, slot)
        scale = max(mass + second + none, 1.0)  # single precision
        found.append(
            Belief(
                name.replace("_", " "),
                _value_words(domain, slot, int(dialogue.best[slot, 0])),
                mass / scale,
                _value_words(domain, slot, int(dialogue.best[slot, 1])) if second > 0 else "",
                second / scale,
                none / scale,
                guarded=slot == guarded,
            )
        )
    return found


def _value_words(domain: Domain, slot: int, value: int) -> str:
    if value == DONTCARE:
        return "any"
    return (value_text(domain, slot, value) or "").replace("_", " ")


def _guarded_slot(domain: Domain, car: Any) -> int:
    """Return the slot of a command that a rule forbids now or wants confirmed, else -1."""
    if car is None or car.believed < 0 or car.safety == SAFE or not domain.functions:
        return -1
    setting = domain.functions[car.believed].setting
    return -1 if setting is None else setting


def goal_words(domain: Domain, goal: Any, requests: Any) -> str:
    """Return what the driver wants in words."""
    act = np.zeros(ACT_WIDTH, np.int16)
    act[0] = INFORM
    for slot in range(len(domain.slots)):
        if goal[slot] != NO_VALUE:
            add_item(act, slot, int(goal[slot]))
    asked = [domain.requestables[slot].replace("_", " ") for slot in requests]
    questions = [name for name in asked if name != domain.entity]
    words = sentence(domain, "driver", act).rstrip(".")
    return words + (f"; asks for the {' and '.join(questions)}" if questions else "")


def current_goal(domain: Domain, dialogue: Any, car: Any) -> GoalBar:
    """Return what the driver pursues now."""
    count = int(dialogue.request_count)
    answered = sum((int(dialogue.answered) >> r) & 1 for r in range(count))
    done, parts = answered, count
    if car is not None:
        done, parts = done + int(car.executed), parts + 1
    words = goal_words(domain, dialogue.goal, dialogue.requests[:count])
    return GoalBar(words, done / max(parts, 1))


def kept_goals(domain: Domain, car: Any) -> Iterator[GoalBar]:
    """Yield what was put aside for something urgent."""
    if car is not None and car.kept:
        requests = car.kept_requests[: int(car.kept_request_count)]
        yield GoalBar(goal_words(domain, car.kept_goal, requests), 0.0, active=False)
