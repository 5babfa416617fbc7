"""The single environment: contract, keywords, masks, state."""

import hashlib
import json
import warnings
from typing import Any

import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

from rlkit.envs.cabin import CabinEnv, HandcraftedPolicy
from rlkit.envs.cabin.simulator.dialogue import advance
from rlkit.envs.cabin.simulator.drive import advance_drives
from rlkit.envs.cabin.state.acts import DO_REPEAT, DO_RESTART

OBSERVATIONS = ["belief", "dict", "history", "pixels"]


@pytest.fixture
def env() -> CabinEnv:
    made = CabinEnv(ser=0.15)
    made.reset(seed=0)
    return made


@pytest.mark.parametrize("observation", OBSERVATIONS)
def test_gymnasium_checker(observation: str) -> None:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*spec.*")
        check_env(CabinEnv(observation=observation, ser=0.15), skip_render_check=True)


@pytest.mark.parametrize("observation", OBSERVATIONS)
def test_observations_stay_in_their_space(observation: str) -> None:
    env = CabinEnv(observation=observation, ser=0.3, masks=False)
    rng = np.random.default_rng(0)
    seen, _ = env.reset(seed=1)
    for _ in range(300):
        assert env.observation_space.contains(seen)
        seen, _, terminated, _, _ = env.step(int(rng.integers(env.action_space.n)))  # type: ignore[attr-defined]
        if terminated:
            seen, _ = env.reset()


def test_trajectory_is_the_recorded_one() -> None:
    """Guards every law at once: any change of a rule or of the order of draws shows here."""
    env = CabinEnv(ser=0.15)
    policy = HandcraftedPolicy(env)
    digest = hashlib.sha256()
    env.reset(seed=7)
    for _ in range(400):
        action, _ = policy.predict()
        _, reward, terminated, _, _ = env.step(action)
        record = env.simulator.record[0]
        heard = record["heard"][: record["heard_count"]].tolist()
        digest.update(json.dumps([int(action), round(reward, 4), heard]).encode())
        if terminated:
            env.reset()

    assert digest.hexdigest()[:16] == "71197955c0dbc8c3"


def test_action_mask_is_told_everywhere(env: CabinEnv) -> None:
    _, info = env.reset()
    for _ in range(50):
        mask = info["action_mask"]
        assert mask.dtype == np.int8
        assert mask.shape == (16,)
        assert mask.any()
        assert np.array_equal(env.action_masks(), mask.astype(bool))
        _, _, terminated, _, info = env.step(int(np.flatnonzero(mask)[-1]))
        if terminated:
            assert {"success", "turns", "seconds", "risk", "mood", "interrupted"} <= info.keys()
            _, info = env.reset()


def test_masks_off_leave_out_only_what_is_never_possible() -> None:
    env = CabinEnv(masks=False)
    _, info = env.reset(seed=0)

    never = [action.kind in (DO_REPEAT, DO_RESTART) for action in env.actions]
    assert np.array_equal(info["action_mask"] == 0, never)


def test_a_masked_act_does_nothing_and_costs_its_turn(env: CabinEnv) -> None:
    masked = int(np.flatnonzero(~env.action_masks())[0])

    _, reward, _, _, info = env.step(masked)

    assert info["illegal"] is True
    assert reward == -1.0
    assert env.simulator.record[0]["turn"] == 1


def test_a_masked_act_can_be_an_error() -> None:
    env = CabinEnv(on_illegal="error")
    env.reset(seed=0)
    before = env.get_state()

    with pytest.raises(ValueError, match="'inform' is masked now; legal: request_area"):
        env.step(env.action_names.index("inform"))
    assert all(np.array_equal(env.get_state()[name], before[name]) for name in before)


@pytest.mark.parametrize("action", [16, -1, 1.5, True, "inform", None, np.array([1])])
def test_actions_that_are_none(env: CabinEnv, action: Any) -> None:
    with pytest.raises(ValueError, match="an action is"):
        env.step(action)


def test_stepping_needs_a_dialogue() -> None:
    env = CabinEnv()
    with pytest.raises(ValueError, match="call reset"):
        env.step(0)
    env.reset(seed=0)
    env.step(env.action_names.index("request_area"))
    for _ in range(40):
        if env.simulator.record[0]["ended"]:
            break
        env.step(0)
    with pytest.raises(ValueError, match="call reset"):
        env.step(0)


@pytest.mark.parametrize("observation", OBSERVATIONS)
def test_a_copied_state_resumes_the_exact_trajectory(observation: str) -> None:
    env, other = (CabinEnv(ser=0.3, observation=observation) for _ in range(2))
    env.reset(seed=3)
    for _ in range(3):
        env.step(0)
    other.set_state(env.get_state())
    for _ in range(60):
        for one in (env, other):
            if one.simulator.record[0]["ended"]:
                one.reset()
        action = int(np.flatnonzero(env.action_masks())[0])
        mine, theirs = env.step(action), other.step(action)
        assert mine[1:4] == theirs[1:4]
        if observation == "dict":
            assert np.array_equal(mine[0]["observation"], theirs[0]["observation"])
        else:
            assert np.array_equal(mine[0], theirs[0])


def test_a_state_of_another_ontology_is_refused(env: CabinEnv) -> None:
    with pytest.raises(ValueError, match="'belief' is float32 of shape"):
        env.set_state(CabinEnv(ontology="venues11").get_state())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"ontology": "venue3"}, "Did you mean 'venues3'"),
        ({"observation": "beliefs"}, "Did you mean 'belief'"),
        ({"user": "standrad"}, "Did you mean 'standard'"),
        ({"on_illegal": "errors"}, "Did you mean 'error'"),
        ({"reward": {"sucess": 1.0}}, "Did you mean 'success'"),
        ({"reward": {"success": float("nan")}}, "finite number"),
        ({"ser": 1.5}, r"error rate in \[0, 1\]"),
        ({"ser": "loud"}, r"error rate in \[0, 1\]"),
        ({"max_turns": 0}, "whole number 1"),
        ({"history": 2.5}, "whole number 1"),
        ({"masks": 1}, "True or False"),
        ({"drive": "citty"}, "Did you mean 'city'"),
        ({"render_mode": "humn"}, "render_mode"),
        ({"ontology": "nowhere.yaml"}, "no file nowhere.yaml"),
    ],
)
def test_wrong_keywords(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        CabinEnv(**arguments)


def test_reward_weights_by_name() -> None:
    env = CabinEnv(reward={"turn": -0.5})
    env.reset(seed=0)

    _, reward, _, _, info = env.step(0)

    assert reward == -0.5
    assert info["reward_terms"] == {"success": 0.0, "turn": -0.5}


def test_turn_limit_terminates_without_success() -> None:
    env = CabinEnv(max_turns=2)
    env.reset(seed=0)
    env.step(0)

    _, reward, terminated, truncated, info = env.step(3)

    assert (terminated, truncated) == (True, False)
    assert reward == -1.0
    assert info["success"] is False
    assert info["turns"] == 2


def test_history_shows_the_latest_turn_last() -> None:
    env = CabinEnv(observation="history", history=4, ser=0.15)
    first, _ = env.reset(seed=0)
    assert not first[:3].any()

    second, *_ = env.step(5)

    assert np.array_equal(second[2], first[3])
    assert second[3, 5] == 1.0
    assert second[3, : env.action_space.n].sum() == 1.0  # type: ignore[attr-defined]


def test_pixels_differ_with_what_was_heard() -> None:
    env = CabinEnv(observation="pixels", ser=0.15)
    first, _ = env.reset(seed=0)
    second, *_ = env.step(0)

    assert first.any()
    assert not np.array_equal(first, second)


def test_elements_name_the_five(env: CabinEnv) -> None:
    rows = env.elements.rows()

    assert [row[0] for row in rows] == ["state", "action", "policy", "transition", "reward"]
    assert "success +20" in rows[4][2]
    assert "hand_over" not in rows[4][2]


@pytest.mark.parametrize(("drive", "law"), [(None, advance), ("parked", advance_drives)])
def test_the_transition_is_the_law_that_is_played(drive: str | None, law: Any) -> None:
    transition = CabinEnv(drive=drive).elements.transition
    assert transition.value is law
    assert ("leaves 240 s of its drive" in transition.meaning) == (drive is not None)
