"""The environment around the model: overlays, information, and what it tells about itself."""

from typing import Any

import gymnasium
import numpy as np
import pytest

from rlkit.agents.planning import PolicyIteration
from rlkit.agents.tabular import QLearning


def opened(**arguments: Any) -> Any:
    return gymnasium.make("rlkit/GridWorld-v0", render_mode="rgb_array", **arguments).unwrapped


def test_every_overlay_changes_the_picture_and_none_takes_it_away() -> None:
    env = opened()
    env.reset(seed=0)
    solution = PolicyIteration(env).solve()
    visits = QLearning(env).learn(500).visits
    pictures = [env.render()]
    for shown in (
        {"values": solution.values},
        {"values": solution.values, "policy": solution.policy},
        {"policy": solution.policy.probs},
        {"visits": visits},
        {"visits": visits.sum(axis=1)},
        {"q": solution.q},
    ):
        env.overlay(**shown)
        pictures.append(env.render())
    env.overlay()

    np.testing.assert_array_equal(pictures[0], env.render())
    np.testing.assert_array_equal(pictures[4], pictures[5])
    assert len({picture.tobytes() for picture in pictures}) == 6
    assert len({picture.shape for picture in pictures}) == 1


def test_an_overlay_shows_the_states_with_the_agents_keys() -> None:
    env = opened(map=("aSAG",))
    has = np.array([bool(place.keys) for place in env.grid.states], dtype=float)
    env.reset(seed=0)
    env.overlay(has)
    without = env.render()
    env.step(3)
    env.step(1)

    assert env.grid.states[env.state_index] == (0, 1, "a")
    assert (without != env.render())[:, -160:].any()


@pytest.mark.parametrize(
    ("shown", "words"),
    [
        ({"values": np.zeros(3)}, r"values must have shape \(48,\), got \(3,\)"),
        ({"q": np.zeros(48)}, r"q must have shape \(48, 4\)"),
        ({"policy": np.zeros((48, 3))}, r"policy must have shape \(48,\) or \(48, 4\)"),
        ({"values": np.zeros(48), "visits": np.zeros(48)}, "give one of them"),
    ],
)
def test_wrong_overlays_are_explained(shown: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        opened().overlay(**shown)


@pytest.mark.parametrize(("action", "success"), [(1, True), (3, False)])
def test_success_is_a_goal_and_no_pit(action: int, success: bool) -> None:
    env = opened(map=("PSG",))
    env.reset(seed=0)

    *_, terminated, truncated, info = env.step(action)

    assert (terminated, truncated, info["success"]) == (True, False, success)


def test_actions_have_names() -> None:
    assert opened().action_names == ("up", "right", "down", "left")
    assert opened(moves="king", stay=True).action_names[::4] == ("up", "down", "stay")
    assert opened(map="random-walk", moves="walk").action_names == ("walk",)
