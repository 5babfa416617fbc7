"""An environment of one's own may answer oddly: the error says which, what and when."""

from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.vector import SyncVectorEnv

pytest.importorskip("torch")

from rlkit import agents
from rlkit.agents.checked import complaint_about
from rlkit.agents.checking import NotFiniteError, OddAnswerError

AGENTS: dict[str, dict[str, Any]] = {
    "ppo": {"steps": 8},
    "dqn": {"learning_starts": 8, "train_every": 4},
    "actor-critic": {},
    "reinforce": {},
    "one-step-actor-critic": {},
}
BRIEF = {"n_steps": 16, "batch_size": 16, "n_epochs": 1}


class Mine(gymnasium.Env[Any, Any]):
    """Answers oddly at its third step."""

    observation_space = spaces.Box(-1.0, 1.0, (2,), np.float32)
    action_space = spaces.Discrete(3)

    def __init__(self, **odd: Any) -> None:
        self.odd, self.taken = odd, 0

    def reset(self, *, seed: int | None = None, options: Any = None) -> Any:
        """Begin."""
        super().reset(seed=seed, options=options)
        return np.zeros(2, np.float32), {}

    def step(self, action: Any) -> Any:
        """Go on, oddly or not."""
        del action
        self.taken += 1
        odd = self.odd if self.taken == 3 else {}
        info = {"action_mask": odd["mask"]} if "mask" in odd else {}
        seen = odd.get("seen", np.zeros(2, np.float32))
        flags = odd.get("terminated", False), odd.get("truncated", self.taken % 10 == 0)
        return seen, odd.get("reward", 1.0), *flags, info


ODD: list[tuple[dict[str, Any], str]] = [
    ({"reward": None}, "the reward None at its step 3: a reward is one number"),
    ({"reward": "1"}, "the reward '1' at its step 3"),
    ({"reward": np.ones(1)}, r"the reward array\(\[1.\]\) at its step 3"),
    ({"reward": 1j}, "the reward 1j at its step 3"),
    ({"terminated": None}, "`terminated` None at its step 3: it is True or False"),
    ({"truncated": np.array([True])}, r"`truncated` array\(\[ True\]\) at its step 3"),
    ({"seen": np.zeros(3, np.float32)}, r"it has the shape \(3,\), those of its space have \(2,\)"),
    ({"seen": None}, "the observation None at its step 3: its space holds numbers"),
    ({"seen": ["a", "b"]}, "its space holds numbers of dtype float32"),
    ({"seen": [[0.0], [0.0, 1.0]]}, "its space holds numbers of dtype float32"),
    ({"mask": np.ones(2)}, r"action masks have the shape \(1, 3\), got \(1, 2\)"),
    ({"mask": [1, 1, np.nan]}, "at its step 3: it holds numbers below 0, or none"),
    ({"mask": [0.0, 0.0, -np.inf]}, "at its step 3: it holds numbers below 0, or none"),
    ({"mask": "all"}, "the action mask 'all' at its step 3: it holds no numbers"),
]


@pytest.mark.parametrize(("odd", "message"), ODD)
def test_odd_answers_are_named(odd: dict[str, Any], message: str) -> None:
    pattern = f"in Mine, environment 0 gave .*{message}"
    with pytest.raises(OddAnswerError, match=pattern):
        agents.make("one-step-actor-critic", Mine(**odd)).learn(20)


@pytest.mark.parametrize("name", AGENTS)
@pytest.mark.parametrize(
    "odd", [{"reward": None}, {"seen": np.zeros((2, 2), np.float32)}, {"mask": np.ones(4)}]
)
def test_every_deep_agent_names_them(name: str, odd: dict[str, Any]) -> None:
    agent = agents.make(name, Mine(**odd), num_envs=1, **AGENTS[name])
    with pytest.raises(OddAnswerError, match=r"in Mine, environment 0 gave .* at its step 3: "):
        agent.learn(40)
    vector = SyncVectorEnv([Mine, lambda: Mine(**odd)])
    with pytest.raises((ValueError, NotFiniteError), match=r"Mine.* step \d+"):
        agents.make(name, vector, **AGENTS[name]).learn(40)


@pytest.mark.parametrize("name", AGENTS)
def test_every_environment_that_an_agent_makes_is_watched(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(
        gymnasium.registry,
        "Mine-v0",
        gymnasium.envs.registration.EnvSpec("Mine-v0", lambda: Mine(reward=None)),  # type: ignore[arg-type]
    )
    agent = agents.make(name, "Mine-v0", num_envs=2, **AGENTS[name])
    with pytest.raises(OddAnswerError, match=r"in Mine-v0, environment 0 gave the reward None at"):
        agent.learn(40)


@pytest.mark.parametrize("name", AGENTS)
@pytest.mark.parametrize("odd", [{"reward": np.inf}, {"seen": np.full(2, np.nan, np.float32)}])
def test_what_is_not_finite_names_the_environment_too(name: str, odd: dict[str, Any]) -> None:
    agent = agents.make(name, Mine(**odd), num_envs=1, **AGENTS[name])
    with pytest.raises(NotFiniteError, match=r"in Mine, environment 0 gave an? .* at step [23]"):
        agent.learn(40)


@pytest.mark.parametrize(
    "usual",
    [
        {"reward": np.float32(1)},
        {"reward": np.array(1)},
        {"reward": True},
        {"terminated": np.True_},
        {"truncated": 1},
        {"seen": [0, 0]},
        {"seen": np.zeros(2)},
        {"mask": [True, False, True]},
        {"mask": np.array([0.5, 0.0, 2.0])},  # not zero is legal
    ],
)
def test_what_means_the_same_is_taken(usual: dict[str, Any]) -> None:
    agent: Any = agents.make("one-step-actor-critic", Mine(**usual))
    agent.learn(3)
    if "mask" in usual:
        assert agent.world.masks.tolist() == [[1, 0, 1]]
    agent.learn(9)


@pytest.mark.parametrize(
    ("space", "right", "wrong"),
    [
        (spaces.Discrete(3, start=2), [2, 4, np.int64(3), np.array(4), 3.0], [1, 5, 2.5, "2", [2]]),
        (spaces.MultiDiscrete([2, 3]), [[1, 2], np.zeros(2)], [[2, 0], [0, -1], [0], 0]),
        (spaces.MultiBinary(2), [[1, 0], np.ones(2, np.int8)], [[0.5, 0], [1]]),
        (spaces.Box(0, 255, (1,), np.uint8), [[7], np.array([255])], [[0.3], [256], [-1]]),
        (spaces.Tuple([spaces.Discrete(2)] * 2), [(0, 1)], [(0,), (0, 2), 0]),
        (
            spaces.Dict(a=spaces.Discrete(2), action_mask=spaces.MultiBinary(3)),
            [{"a": 1}, {"a": 0, "action_mask": [1]}],
            [{}, {"a": 2}, 0],
        ),
    ],
)
def test_observations_are_those_of_their_space(
    space: Any, right: list[Any], wrong: list[Any]
) -> None:
    complain = complaint_about(space)
    assert [complain(value) for value in right] == [None] * len(right)
    assert None not in [complain(value) for value in wrong]
