"""How dialogues of the exact cabin end and what they take: by expectation and by playing."""

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import pytest
from gymnasium import make_vec

from rlkit.arrays import Bools, Floats, Ints
from rlkit.envs.cabin.tabular.acts import Event
from rlkit.envs.cabin.tabular.config import Weights
from rlkit.envs.cabin.tabular.handcrafted import rules
from rlkit.envs.cabin.tabular.problem import TabularCabin
from tests.envs.cabin.tabular.support import ACT, AT, CABIN, MODEL, solved, visits

# success, justified refusal, driver breaks off, handed over, seconds, seconds at risk, acts that
# are no wait, waits: published means of 200,000 or more simulated dialogues.
PUBLISHED = {
    "optimal": (0.862, 0.086, 0.033, 0.015, 21.1, 1.33, 3.7, 4.4),
    "road-aware": (0.855, 0.088, 0.052, 0.0, 19.6, 1.73, 3.7, 2.6),
    "road-blind": (0.748, 0.079, 0.170, 0.0, 20.0, 2.77, 4.3, 0.0),
}
# Half a step of the last printed digit and three standard errors of 200,000 dialogues.
TOLERANCES = (0.0034, 0.0024, 0.003, 0.0013, 0.15, 0.02, 0.07, 0.1)
ENDS = ("success", "justified refusal", "broke off", "handed over")


@cache
def policy(name: str) -> Ints:
    """Return the acts of a policy, `(S,)`."""
    if name == "optimal":
        return solved().policy.actions
    return rules(CABIN, road_aware=name == "road-aware").actions


def chance(happens: Bools) -> Floats:
    """Return the probability that the outcome of each pair is one of those given, `(S, A)`."""
    outcomes = MODEL.outcomes
    total = np.bincount(outcomes.rows, outcomes.probs * happens, minlength=MODEL.P.shape[0])
    return np.asarray(total.reshape(MODEL.legal.shape), dtype=np.float64)


def features() -> tuple[Floats, ...]:
    """Return what each pair is expected to add to the columns of `PUBLISHED`, `(S, A)` each."""
    outcomes = MODEL.outcomes
    ends = [
        chance(outcomes.terminated & ((outcomes.events & event) > 0))
        for event in (Event.SUCCESS, Event.REFUSED, Event.BROKE_OFF, Event.HANDED_OVER)
    ]
    seconds = np.tile([5.0, 5, 3, 3, 4, 4, 3, 1, 2], (MODEL.num_states, 1))
    seconds[:-1, :4] += AT.load[:, None]
    seconds += 3 * chance((outcomes.events & Event.CORRECTED) > 0)
    nothing = dict.fromkeys(Weights.__dataclass_fields__, 0.0)
    risky = replace(CABIN.config, weights=Weights(**{**nothing, "risk": 1.0}))
    waits = np.tile([float(act == "wait") for act in ACT], (MODEL.num_states, 1))
    return (*ends, seconds, TabularCabin(risky).tabulate().R, 1 - waits, waits)


@pytest.mark.parametrize("name", PUBLISHED)
def test_expected_outcomes_are_the_published_ones(name: str) -> None:
    acts = policy(name)
    frequency = visits(MODEL, acts)
    places = np.arange(MODEL.num_states)
    expected = [float(frequency @ feature[places, acts]) for feature in features()]

    np.testing.assert_array_less(np.abs(np.subtract(expected, PUBLISHED[name])), TOLERANCES)


@dataclass
class Dialogues:
    """Finished dialogues: how each ended (a place of `ENDS`, -1 for another), acts and waits."""

    ends: Ints
    acts: Ints
    waits: Ints


def play(acts: Ints, each: int, num_envs: int = 4_096) -> Dialogues:
    """Play `each` dialogues to their end in every one of many environments; all are counted."""
    env = make_vec("rlkit/CabinTabular-v0", num_envs=num_envs, autoreset_mode="SameStep")
    states, _ = env.reset(seed=11)
    spoken, waited, left = (np.zeros(num_envs, dtype=np.int64) for _ in range(3))
    left += each
    rows = []
    while left.any():
        chosen = acts[states]
        waited += chosen == ACT["wait"]
        spoken += chosen != ACT["wait"]
        states, rewards, over, _, _ = env.step(chosen)
        counted = over & (left > 0)
        rows.append(np.stack([_end(chosen, rewards), spoken, waited])[:, counted])
        left -= counted
        spoken[over] = waited[over] = 0
    return Dialogues(*np.concatenate(rows, axis=1))


def _end(chosen: Ints, rewards: Floats) -> Ints:
    """Return how a dialogue ended, from its last act and that act's reward."""
    done, refused = chosen == ACT["execute"], chosen == ACT["refuse"]
    tests = [done & (rewards > 0), refused & (rewards > 0), chosen == ACT["hand over"], refused]
    return np.select(tests, [0, 1, 3, -1], 2)


@pytest.mark.parametrize("name", PUBLISHED)
def test_played_outcomes_agree_with_their_expectation(name: str) -> None:
    """200,704 dialogues a policy in the compiled environment, seed 11, four standard errors."""
    acts = policy(name)
    frequency = visits(MODEL, acts)
    places = np.arange(MODEL.num_states)
    success, refusal, broke, handed, _, _, spoken, waits = (
        float(frequency @ feature[places, acts]) for feature in features()
    )
    played = play(acts, each=49)

    size = len(played.ends)
    assert size == 200_704
    for place, share in enumerate((success, refusal, broke, handed)):
        error = np.sqrt(share * (1 - share) / size)
        assert abs((played.ends == place).mean() - share) <= 4 * error, ENDS[place]
    for counts, expected in ((played.acts, spoken), (played.waits, waits)):
        assert abs(counts.mean() - expected) <= 4 * counts.std() / np.sqrt(size)
