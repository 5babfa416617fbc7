"""What the policy-gradient agents learn, and their updates by hand."""

from typing import Any

import gymnasium
import numpy as np
import pytest

torch = pytest.importorskip("torch")

from rlkit import agents  # noqa: E402
from rlkit.agents.deep import PPO, REINFORCE, OneStepActorCritic  # noqa: E402
from rlkit.evaluation import evaluate  # noqa: E402
from tests.agents.deep.support import Corridor, corridors  # noqa: E402

CARTPOLE = {"ppo": 100_000, "actor-critic": 500_000}
LUNAR_LANDER = {  # as RL Zoo tuned PPO for it, with larger minibatches
    "num_envs": 16,
    "steps": 1024,
    "batch_size": 256,
    "epochs": 4,
    "lambda_": 0.98,
    "discount": 0.999,
    "entropy_weight": 0.01,
}


def gradients(agent: Any, seen: Any, action: int) -> tuple[Any, Any, float]:
    """Return grad log pi, grad V and V of one observation under the mask of even steps."""
    legal = 3 if seen[0] % 2 == 0 else 2
    parameters = list(agent.network.parameters())
    x = torch.tensor(np.array(seen, np.float32)).reshape(1, 1, 2)
    logits, values, _ = agent.network(x, (), torch.zeros(1, 1))
    policy = torch.log_softmax(logits[0, 0, :legal], dim=0)[action]
    flat = [
        torch.cat(
            [
                torch.zeros_like(p).flatten() if g is None else g.flatten()
                for g, p in zip(
                    torch.autograd.grad(y, parameters, allow_unused=True, retain_graph=True),
                    parameters,
                    strict=True,
                )
            ]
        )
        for y in (policy, values.sum())
    ]
    return flat[0], flat[1], float(values.detach().sum())


def test_one_step_actor_critic_follows_the_box() -> None:
    """NNDL Alg. 14.8 by hand for a whole episode of three steps and the first of the next."""
    corridor = Corridor(3)
    agent = OneStepActorCritic(corridor, learning_rate=0.1, value_rate_ratio=3.0, discount=0.9)
    seen, weight = [0.0, 0.0], 1.0
    for t in range(4):
        before = agent.parameters.detach().clone()
        old = OneStepActorCritic(Corridor(3))
        with torch.no_grad():
            old.parameters.copy_(before)
        agent.learn(1)
        action = corridor.actions[t]
        over = t == 2
        after = [float(t % 3 + 1), float(action)]
        policy, value, v = gradients(old, seen, action)
        _, _, following = gradients(old, after, 0)
        delta = action * (t % 3 + 1) + (0.0 if over else 0.9 * following) - v
        expected = before + 0.1 * weight * delta * policy + 0.3 * delta * value
        torch.testing.assert_close(agent.parameters.detach(), expected, atol=1e-5, rtol=1e-4)
        seen, weight = ([0.0, 0.0], 1.0) if over else (after, weight * 0.9)


def test_reinforce_follows_the_box() -> None:
    """NNDL Alg. 14.6 in its summed form, with discount^t, for one episode without a baseline."""
    corridor = Corridor(3)
    agent = REINFORCE(
        corridor,
        num_envs=1,
        baseline=False,
        discount_steps=True,
        normalise_advantages=False,
        discount=0.9,
        learning_rate=0.3,
        max_gradient_norm=None,
        optimizer="sgd",
    )
    old = REINFORCE(Corridor(3), num_envs=1)
    before = old.parameters.detach().clone()
    agent.learn(1)
    actions = corridor.actions[:3]

    expected = before.clone()
    for t, action in enumerate(actions):
        rewards = [a * (k + 1) for k, a in enumerate(actions)]
        rest = sum(0.9 ** (k - t) * rewards[k] for k in range(t, 3))
        seen = [0.0, 0.0] if t == 0 else [float(t), float(actions[t - 1])]
        policy, _, _ = gradients(old, seen, action)
        expected += 0.3 * 0.9**t * rest * policy / 3  # a mean over steps
    torch.testing.assert_close(agent.parameters.detach(), expected, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("core", ["mlp", "gru", "transformer"])
@pytest.mark.parametrize("name", ["reinforce", "actor-critic", "ppo", "one-step-actor-critic"])
def test_every_agent_takes_every_core_and_never_an_illegal_action(name: str, core: str) -> None:
    """A corridor raises at an illegal action; greedy play and drawing keep to masks too."""
    env = corridors([4, 5])
    agent = agents.make(name, env, core=core).learn(300)
    state = None
    seen, info = env.reset(seed=0)
    for deterministic in (True, False) * 5:
        actions, state = agent.predict(
            seen, state, deterministic=deterministic, action_masks=info["action_mask"]
        )
        seen, _, _, _, info = env.step(actions)


def test_what_a_corridor_pays_is_learned() -> None:
    """The best return of four steps is 2 x 1 + 1 x 2 + 2 x 3 + 1 x 4 = 14."""
    for name in ("reinforce", "actor-critic", "ppo"):
        agent = agents.make(name, corridors([4] * 4), learning_rate=0.01).learn(8_000)
        assert evaluate(agent, Corridor(4), 1).returns[0] == 14.0, name


def test_ppo_learns_cartpole() -> None:
    agent = PPO("CartPole-v1", seed=0).learn(100_000)

    assert evaluate(agent, "CartPole-v1", 100, seed=1).returns.mean() >= 475


def test_it_plays_in_stable_baselines3() -> None:
    evaluation = pytest.importorskip("stable_baselines3.common.evaluation")
    agent = PPO(corridors([4] * 4), core="gru", steps=32).learn(128)
    free = gymnasium.make("CartPole-v1")
    mean, _ = evaluation.evaluate_policy(PPO(free, num_envs=1), free, 2, warn=False)

    assert mean >= 8.0
    batch, state = agent.predict(np.zeros((3, 2), np.float32))
    one, _ = agent.predict(np.zeros(2, np.float32), deterministic=True)
    assert batch.shape == (3,)
    assert state[0].shape[0] == 3
    assert isinstance(one, np.int64)


@pytest.mark.study
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("name", sorted(CARTPOLE))
def test_cartpole_is_solved_by_nine_of_ten_seeds(name: str) -> None:
    means = [
        evaluate(
            agents.make(name, "CartPole-v1", seed=s).learn(CARTPOLE[name]), "CartPole-v1", 100
        ).returns.mean()
        for s in range(10)
    ]

    assert sum(mean >= 475 for mean in means) >= 9, means


@pytest.mark.study
@pytest.mark.timeout(7200)
@pytest.mark.parametrize(
    ("env", "settings", "wanted"),
    [("Acrobot-v1", {}, -100), ("LunarLander-v3", LUNAR_LANDER, 200)],
    ids=["Acrobot", "LunarLander"],
)
def test_ppo_learns_harder_control(env: str, settings: dict[str, Any], wanted: float) -> None:
    learned = (PPO(env, seed=s, **settings).learn(1_000_000) for s in range(5))
    means = [evaluate(agent, env, 100).returns.mean() for agent in learned]

    assert sum(mean >= wanted for mean in means) >= 3, means
