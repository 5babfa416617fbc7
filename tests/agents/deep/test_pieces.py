"""Learning in pieces is learning at once: with the defaults nothing depends on where a call ends.

A piece ends with an update, so it is as long as asked where updates divide it. REINFORCE plays its
episodes out and learns a little longer in each piece; its step size is constant like theirs.
"""

from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch")

from rlkit import agents
from rlkit.schedules import value_at

PIECES, PIECE = 4, 128
OFTEN: dict[str, dict[str, Any]] = {
    "dqn": {"learning_starts": 64, "train_every": 16, "gradient_steps": 2},
    "ppo": {"num_envs": 2, "steps": 32},
    "actor-critic": {"num_envs": 2, "steps": 8},
    "one-step-actor-critic": {},
}
"""Settings with which an agent learns often; schedules are the defaults."""


@pytest.mark.parametrize("core", ["mlp", "gru"])
@pytest.mark.parametrize("name", OFTEN)
def test_pieces_learn_what_one_call_learns(name: str, core: str) -> None:
    whole, parts = (
        agents.make(name, "CartPole-v1", seed=1, core=core, **OFTEN[name]) for _ in range(2)
    )

    whole.learn(PIECES * PIECE)
    for _ in range(PIECES):
        parts.learn(PIECE)

    learned, again = whole.state_dict(), parts.state_dict()
    assert parts.num_timesteps == whole.num_timesteps == PIECES * PIECE
    assert learned.keys() == again.keys()
    for entry in learned.keys() - {"plan"}:  # how far each call was asked to go
        np.testing.assert_array_equal(learned[entry], again[entry], err_msg=entry)


@pytest.mark.parametrize("name", [*OFTEN, "reinforce"])
def test_the_default_step_size_does_not_end_with_the_first_piece(name: str) -> None:
    agent: Any = agents.make(name, "CartPole-v1", seed=1, **OFTEN.get(name, {}))
    rate = agent.config.learning_rate

    for _ in range(2):
        agent.learn(PIECE)

    meant = value_at(rate.parameters(PIECES * PIECE), agent.num_timesteps, 1)
    assert meant > 0
    assert agent.optimizer.param_groups[0]["lr"] == pytest.approx(meant, rel=0.01)
