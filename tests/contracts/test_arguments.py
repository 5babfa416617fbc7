"""What environments and vectors are given: seeds, options of a reset, numbers and limits."""

from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.vector import SyncVectorEnv

from rlkit.randomness import derive
from tests.contracts.test_copies import FEW
from tests.contracts.test_environments import IDS, play, vector

few = pytest.mark.parametrize("env_id", FEW)
every = pytest.mark.parametrize("env_id", IDS)
TABULAR = [env_id for env_id in IDS if hasattr(gymnasium.make(env_id).unwrapped, "tabular")]
ALIKE = [np.int64(7), np.uint8(7), np.int32(7), 7.0, np.array(7)]
WRONG = [-1, 0.5, "7", float("nan"), True, np.int64(-3)]


def shown(answer: Any) -> Any:
    """Return what a reset shows, as lists."""
    observation, info = answer
    return np.asarray(observation).tolist(), np.asarray(info["action_mask"]).tolist()


def test_streams_have_the_same_keys_for_numbers_of_numpy() -> None:
    assert derive(np.int64(7), np.int64(2), "agent") == derive(7, 2, "agent")  # type: ignore[arg-type]


@every
def test_a_seed_may_be_a_number_of_numpy(env_id: str) -> None:
    env: Any = gymnasium.make(env_id)
    many = vector(env_id, "NextStep", 2)
    wanted, wanted_of_many = shown(env.reset(seed=7)), shown(many.reset(seed=7))
    for seed in ALIKE:
        assert shown(env.reset(seed=seed)) == wanted
        assert shown(many.reset(seed=seed)) == wanted_of_many


@few
def test_seeds_of_a_vector_may_be_numbers_of_numpy_and_none(env_id: str) -> None:
    single, other = (shown(gymnasium.make(env_id).reset(seed=s)) for s in (7, 8))
    for seeds in ([np.int64(7), 8], np.array([7, 8]), (7.0, np.uint16(8))):
        rows = shown(vector(env_id, "NextStep", 2).reset(seed=seeds))
        assert [list(row) for row in zip(*rows, strict=True)] == [list(single), list(other)]
    many = vector(env_id, "NextStep", 2)
    rows = shown(many.reset(seed=[None, np.int64(8)]))
    assert [part[1] for part in rows] == list(other)
    assert [part[1] for part in shown(many.reset(seed=[None, 8]))] == list(other)
    many.reset(seed=None)


@few
@pytest.mark.parametrize("seed", WRONG)
def test_what_is_no_seed_is_refused_by_name(env_id: str, seed: Any) -> None:
    many = vector(env_id, "NextStep", 2)
    for reset in (gymnasium.make(env_id).reset, many.reset):
        with pytest.raises(ValueError, match="seed must be a whole number from 0 on"):
            reset(seed=seed)
    with pytest.raises(ValueError, match="seed must be a whole number from 0 on"):
        many.reset(seed=[3, seed])
    with pytest.raises(ValueError, match="2 environments need as many seeds, got 3"):
        many.reset(seed=[1, 2, 3])


@every
def test_numbers_of_environments_and_limits_are_whole(env_id: str) -> None:
    given: Any = {"num_envs": np.int64(2), "max_episode_steps": np.int32(3)}
    many = gymnasium.make_vec(env_id, **given)
    assert (many.num_envs, type(many.num_envs)) == (2, int)
    for name, wrong in (("num_envs", 0), ("num_envs", 1.5), ("max_episode_steps", 2.5)):
        settings: Any = {"num_envs": 2, name: wrong}
        with pytest.raises(ValueError, match=f"{name} must be a whole number from 1 on"):
            gymnasium.make_vec(env_id, **settings)


@every
def test_unknown_options_are_named(env_id: str) -> None:
    env: Any
    for env in (gymnasium.make(env_id), vector(env_id, "NextStep", 2)):
        with pytest.raises(ValueError, match="unknown reset option 'stat'"):
            env.reset(seed=0, options={"stat": 1})
        with pytest.raises(ValueError, match="options must be a dictionary"):
            env.reset(seed=0, options=[1])
        env.reset(seed=0, options={}), env.reset(seed=0, options=None)


@pytest.mark.parametrize("env_id", TABULAR)
@pytest.mark.parametrize("mode", ["NextStep", "SameStep", "Disabled"])
def test_a_vector_begins_in_the_state_that_is_asked_for(env_id: str, mode: str) -> None:
    """As the single environment does, with the same stream afterwards."""
    env: Any = gymnasium.make(env_id)
    going = np.flatnonzero(~env.unwrapped.model.over)
    first, second = int(going[0]), int(going[len(going) // 2])
    many = vector(env_id, mode, 2)

    shown_to_many, _ = many.reset(seed=[5, 5], options={"state": [first, second]})
    for i, state in enumerate((first, second)):
        observation, info = env.reset(seed=5, options={"state": state})
        assert shown_to_many[i] == observation == state
        actions = np.full(2, np.flatnonzero(info["action_mask"])[0])
        masks = many.action_masks()
        assert masks[i].tolist() == info["action_mask"].astype(bool).tolist()
        if masks[:, actions[0]].all():
            saved = many.get_state()
            told, alone = many.step(actions), env.step(int(actions[0]))
            assert [part[i] for part in told[1:4]] == list(alone[1:4])
            assert told[0][i] == alone[0] or (mode == "SameStep" and alone[2])
            many.set_state(saved)

    both = many.reset(seed=5, options={"state": second})[0]
    assert both.tolist() == [second, second]
    assert many.state_indices.tolist() == [second, second]


@pytest.mark.parametrize("env_id", TABULAR[:1])
def test_a_state_and_a_mask_may_be_asked_for_together(env_id: str) -> None:
    many = vector(env_id, "NextStep", 3)
    before = many.reset(seed=4)[0]
    chosen = np.array([False, True, False])

    after = many.reset(options={"reset_mask": chosen, "state": np.int64(2)})[0]

    assert after.tolist() == [before[0], 2, before[2]]


@pytest.mark.parametrize("env_id", TABULAR)
@pytest.mark.parametrize("state", [-1, 10**6, 0.5, [1], [1, 2, 3], "1"])
def test_what_is_no_state_is_refused_and_nothing_moves(env_id: str, state: Any) -> None:
    many, one = vector(env_id, "NextStep", 2), gymnasium.make(env_id)
    many.reset(seed=0), one.reset(seed=0)
    before, alone = many.get_state(), one.unwrapped.get_state()  # type: ignore[attr-defined]
    for env in (many, one):
        with pytest.raises(ValueError, match="state"):
            env.reset(options={"state": state})
    after = many.get_state()
    assert all((after[name] == before[name]).all() for name in before)
    assert one.unwrapped.get_state() == alone  # type: ignore[attr-defined]


@pytest.mark.parametrize("env_id", TABULAR)
def test_a_vector_does_not_begin_where_it_is_over(env_id: str) -> None:
    many = vector(env_id, "SameStep", 2)
    over = int(np.flatnonzero(many.model.terminal)[0])
    with pytest.raises(ValueError, match="terminal state"):
        many.reset(seed=0, options={"state": over})


@few
def test_gymnasiums_vectors_of_ours_pass_seeds_options_and_masks_on(env_id: str) -> None:
    """As the native one does."""
    ours = vector(env_id, "Disabled", 2)
    theirs = SyncVectorEnv([lambda: gymnasium.make(env_id)] * 2, autoreset_mode="Disabled")
    for many in (ours, theirs):
        many.reset(seed=[3, 4])
    options = {"state": 3} if env_id in TABULAR else {}
    answers = [
        many.reset(seed=[5, 6], options={"reset_mask": np.array([True, False]), **options})
        for many in (ours, theirs)
    ]

    np.testing.assert_array_equal(answers[0][0], answers[1][0])


def test_a_failed_reset_leaves_the_episode_as_it_is() -> None:
    env, other = (gymnasium.make("rlkit/GridWorld-v0") for _ in range(2))
    env.reset(seed=1), other.reset(seed=1)
    for wrong in ({"seed": -1}, {"options": {"state": 10**6}}, {"options": {"stat": 1}}):
        with pytest.raises(ValueError, match=r"seed|state|option"):
            env.reset(**wrong)

    assert play(env, 20, 0) == play(other, 20, 0)
