"""Several tables of confusions: what they are, which an episode has, and that all else stays."""

import copy
from typing import Any, NamedTuple

import gymnasium
import numpy as np
import pytest
from numpy.typing import NDArray

from rlkit.envs.cabin.ontology.made_up import SHAPES, generate
from rlkit.envs.cabin.scenario.dialogue_tables import Settings, compile_tables
from rlkit.envs.cabin.state.tables import VALUE

NOISY, CAR = "rlkit/CabinBench6-v0", "rlkit/CabinMotorway-v0"
SEED, TABLES, MANY, STEPS = 7, 3, 60, 12


class Play(NamedTuple):
    """What the handcrafted policy did and saw in N environments; T steps."""

    tables: NDArray[np.int32]
    """`(N,)`: which table the first episode has."""
    first: NDArray[np.bool_]
    """`(T, N)`: the step is of the first episode."""
    actions: NDArray[np.int64]
    """`(T, N)`."""
    rewards: NDArray[np.float64]
    """`(T, N)`."""
    observations: NDArray[np.float32]
    """`(T, N, F)`, before each step."""


def vector(env_id: str, count: int = MANY, **arguments: Any) -> Any:
    """Return a seeded vector environment."""
    envs = gymnasium.make_vec(env_id, num_envs=count, **arguments)
    envs.reset(seed=3)
    return envs.unwrapped


def play(envs: Any) -> Play:
    """Let the handcrafted policy play on."""
    tables = envs.simulator.record["table"].copy()
    policy, state = envs.handcrafted(), envs.simulator.state
    first = np.ones(envs.num_envs, np.bool_)
    steps = []
    for _ in range(STEPS):
        actions, seen = policy.actions(), state.belief.copy()
        _, reward, terminated, truncated, _ = envs.step(actions)
        steps.append((first, actions, reward, seen))
        first = first & ~(terminated | truncated)
    return Play(tables, *(np.stack(column) for column in zip(*steps, strict=True)))


def test_each_table_is_that_of_its_seed() -> None:
    domain = generate(SHAPES["venues3"])
    several = compile_tables(domain, Settings(confusion_seed=SEED, confusion_tables=TABLES))
    size = len(several.values) // TABLES

    for k, rules in enumerate(several.rules):
        alone = compile_tables(domain, Settings(confusion_seed=SEED + k))
        assert rules["first_value"] == k * size
        assert np.array_equal(several.values[k * size : (k + 1) * size], alone.values)
        for prefix in ("slot", "act"):
            for name in VALUE.names or ():
                field = f"{prefix}_{name}"
                assert np.array_equal(rules[field], alone.rules[0][field])
    assert not np.array_equal(several.values[:size], several.values[size : 2 * size])


def test_nothing_but_the_confusions_differs_between_tables() -> None:
    domain = generate(SHAPES["venues3"])
    first, *others = compile_tables(domain, Settings(confusion_tables=TABLES)).rules
    for rules in others:
        differing = {
            name for name in rules.dtype.names if not np.array_equal(rules[name], first[name])
        }
        assert differing <= {"first_value", "slot_neighbour", "act_neighbour"}


def test_episodes_draw_every_table_equally_often() -> None:
    envs = vector(NOISY, 6000, confusion_tables=TABLES)
    drawn = []
    for _ in range(3):  # episodes one after the other, not only the first
        drawn.append(np.bincount(envs.simulator.record["table"], minlength=TABLES))
        envs.reset(options={"reset_mask": np.ones(6000, np.bool_)})

    deviation = np.sqrt(6000 * (1 / TABLES) * (1 - 1 / TABLES))
    for counts in drawn:
        assert len(counts) == TABLES
        assert np.abs(counts - 6000 / TABLES).max() < 4 * deviation
    assert len({tuple(counts) for counts in drawn}) == 3


@pytest.mark.parametrize("env_id", [NOISY, CAR])
def test_an_episode_is_that_of_its_table_alone(env_id: str) -> None:
    together = play(vector(env_id, ser=0.3, confusion_seed=SEED, confusion_tables=TABLES))
    assert set(together.tables) == set(range(TABLES))
    differing = 0
    for k in range(TABLES):
        alone = play(vector(env_id, ser=0.3, confusion_seed=SEED + k))
        assert (alone.tables == 0).all()
        for name in ("first", "actions", "rewards", "observations"):
            ours, theirs = together._asdict()[name], alone._asdict()[name]
            same = np.array([np.array_equal(ours[:, i], theirs[:, i]) for i in range(MANY)])
            differing += int((~same[together.tables != k]).sum())
            for i in np.flatnonzero(together.tables == k):
                during = together.first[:, i]
                assert np.array_equal(ours[during, i], theirs[during, i])
    assert differing > MANY


def test_one_table_draws_nothing_and_is_number_0() -> None:
    one, several = vector(NOISY), vector(NOISY, confusion_tables=TABLES)
    assert (one.simulator.record["table"] == 0).all()
    behaviour = one.simulator.record["behaviour"]
    assert np.array_equal(several.simulator.record["behaviour"], behaviour)


def test_a_saved_state_keeps_its_table() -> None:
    envs = vector(NOISY, confusion_tables=TABLES)
    saved, tables = envs.get_state(), envs.simulator.record["table"].copy()
    once, copied = play(envs), copy.deepcopy(envs)

    envs.reset(seed=99)
    assert not np.array_equal(envs.simulator.record["table"], tables)
    envs.set_state(saved)
    again = play(envs)
    assert np.array_equal(again.tables, tables)
    for name, seen in once._asdict().items():
        assert np.array_equal(again._asdict()[name], seen), name
    assert np.array_equal(copied.simulator.record["table"], envs.simulator.record["table"])
    with pytest.raises(ValueError, match=r"up to number 2, .* confusion_tables=3 or more"):
        vector(NOISY).set_state(saved)


@pytest.mark.parametrize("number", [0, -1, 2.0, True, "3"])
def test_a_number_of_tables_is_whole_and_positive(number: Any) -> None:
    with pytest.raises(ValueError, match="confusion_tables is a whole number 1 "):
        gymnasium.make(NOISY, confusion_tables=number)


def test_too_many_tables_are_refused_with_what_they_cost() -> None:
    with pytest.raises(ValueError, match=r"take 35\d\d MB, 35.\d kB each; .* confusion_tables=28"):
        gymnasium.make(NOISY, confusion_tables=100_000)


def test_elements_tell_of_the_tables() -> None:
    env: Any = gymnasium.make(NOISY, confusion_tables=TABLES).unwrapped
    assert "each episode draws one of 3 tables of confusions" in env.elements.describe()
    assert "confusions" not in gymnasium.make(NOISY).unwrapped.elements.describe()  # type: ignore[attr-defined]
