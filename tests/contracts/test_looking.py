"""Looking at an environment leaves no trace: what follows is what would have followed."""

from typing import Any

import gymnasium
import numpy as np
import pytest

from tests.contracts.test_environments import IDS, legal_action, vector

STEPS = 12
ATTRIBUTES = ("elements", "action_names", "feature_names", "model", "discount", "metadata", "spec")
CALLS = ("get_state", "action_masks", "handcrafted", "exchange")


def look(env: Any) -> None:
    """Look at everything that an environment shows, and at what is made from it."""
    base = env.unwrapped
    shown = [getattr(base, name) for name in ATTRIBUTES if hasattr(base, name)]
    shown += [getattr(base, name)() for name in CALLS if hasattr(base, name)]
    if env.render_mode is not None:
        shown.append(env.render())
    if hasattr(base, "handcrafted"):
        policies = base.handcrafted(), base.handcrafted()
        shown += [policy.predict() for policy in policies if hasattr(policy, "predict")]
    assert repr([env, env.observation_space, env.action_space, *shown])


def acts(rng: np.random.Generator, mask: Any) -> Any:
    """Draw an act, legal in half of all cases."""
    if mask.ndim == 2:
        return np.array([acts(rng, row) for row in mask])
    return legal_action(rng, mask if rng.random() < 0.5 else np.ones_like(mask))


def trail(env: Any, *, looked_at: bool) -> list[Any]:
    """Return what some steps tell."""
    rng = np.random.default_rng(0)
    observation, info = env.reset(seed=2)
    rows = []
    for _ in range(STEPS):
        if looked_at:
            look(env)
        answer = env.step(acts(rng, info["action_mask"]))
        observation, *told, info = answer
        rows.append([np.asarray(observation).tolist(), *(np.asarray(one).tolist() for one in told)])
        rows.append(sorted((name, str(value)) for name, value in info.items()))
        if not isinstance(env, gymnasium.vector.VectorEnv) and (answer[2] or answer[3]):
            info = env.reset()[1]
    return rows


@pytest.mark.parametrize("env_id", IDS)
def test_looking_at_an_environment_leaves_no_trace(env_id: str) -> None:
    looked_at, alone = (
        trail(gymnasium.make(env_id, render_mode="ansi"), looked_at=one) for one in (True, False)
    )

    assert looked_at == alone


@pytest.mark.parametrize("env_id", IDS)
def test_looking_at_a_vector_leaves_no_trace(env_id: str) -> None:
    looked_at, alone = (
        trail(vector(env_id, "NextStep", 3), looked_at=one) for one in (True, False)
    )

    assert looked_at == alone
