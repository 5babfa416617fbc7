"""Rollouts: what is recorded, bootstrapped and left out, in every autoreset mode."""

from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from rlkit.agents.deep import PPO, REINFORCE, ActorCritic  # noqa: E402
from rlkit.agents.deep.arithmetic.passes import TorchPass  # noqa: E402
from rlkit.agents.deep.experience.batches import Batches, Segment, rows_of  # noqa: E402
from rlkit.agents.deep.experience.rollout import Rollout  # noqa: E402
from rlkit.agents.deep.losses import log_probabilities, taken  # noqa: E402
from tests.agents.deep.support import corridors  # noqa: E402

MEMORY = {
    "mlp": {},
    "gru": {"hidden_size": 8},
    "lstm": {"hidden_size": 8},
    "transformer": {"model_size": 8, "heads": 2, "layers": 1, "memory": 3},
}


def played(env: Any, steps: int = 9, core: str = "mlp", **settings: Any) -> tuple[PPO, Rollout]:
    """Return an agent and its first rollout."""
    agent = PPO(env, steps=steps, core=core, core_settings=MEMORY[core], seed=1, **settings)
    agent._started_world()
    return agent, agent._collector.collect(agent._key, 0)


def value_of(agent: PPO, history: list[Any]) -> float:
    """Return the value of an episode's last observation, read step by step from its first."""
    state = agent.network.initial_state(1)
    value = torch.zeros(1, 1)
    for t, seen in enumerate(history):
        x, reset = torch.tensor(seen).reshape(1, 1, 2), torch.tensor([[float(t == 0)]])
        with torch.no_grad():
            _, value, state = agent.network(x, state, reset)
    return float(value)


@pytest.mark.parametrize("core", sorted(MEMORY))
@pytest.mark.parametrize("mode", ["SameStep", "Disabled", "NextStep"])
def test_a_truncated_episode_bootstraps_from_its_last_observation(core: str, mode: str) -> None:
    agent, rollout = played(corridors([4], mode, truncates=True), core=core)
    actions = rollout.actions[:, 0]
    seen = [[0.0, 0.0], *([float(t + 1), float(actions[t])] for t in range(4))]

    assert rollout.truncated[:, 0].tolist() == [t in {3, 7} for t in range(9)]
    assert not rollout.terminated.any()
    assert rollout.rewards[:4, 0].tolist() == [
        float(a * (t + 1)) for t, a in enumerate(actions[:4])
    ]
    for t in range(4):
        after = value_of(agent, seen[: t + 2])
        assert rollout.values[t, 0] == pytest.approx(value_of(agent, seen[: t + 1]), abs=1e-5)
        assert rollout.next_values[t, 0] == pytest.approx(after, abs=1e-5)


def test_advantages_by_hand() -> None:
    """With lambda 1 the advantage is the return less the value; termination adds nothing."""
    agent, rollout = played(corridors([4, 3]), steps=4)
    returns = np.zeros(2)
    expected = np.zeros((4, 2))
    for t in reversed(range(4)):
        last = rollout.next_values[t] if t == 3 else returns
        returns = rollout.rewards[t] + 0.9 * np.where(rollout.terminated[t], 0.0, last)
        expected[t] = returns - rollout.values[t]

    np.testing.assert_allclose(rollout.advantages(0.9, 1.0), expected, atol=1e-5)
    assert rollout.terminated[3, 0]
    assert rollout.terminated[2, 1]
    many, whole = played(corridors([4] * 20), steps=6)
    alone = Rollout(
        **{
            **vars(whole),
            **{
                name: getattr(whole, name)[:, :1]
                for name in ("rewards", "values", "next_values", "terminated", "truncated")
            },
        }
    )
    np.testing.assert_allclose(whole.advantages(0.9, 0.8)[:, :1], alone.advantages(0.9, 0.8), 1e-5)
    del agent, many


@pytest.mark.parametrize("core", ["mlp", "gru"])
@pytest.mark.parametrize("kind", [PPO, ActorCritic])
def test_the_autoreset_modes_learn_the_same(kind: Any, core: str) -> None:
    def weights(mode: str, lengths: list[int]) -> Any:
        env = corridors(lengths, mode, truncates=True)
        agent = kind(env, steps=5, seed=2, core=core, core_settings=MEMORY[core])
        return agent.learn(60).parameters.detach().numpy()

    apart, together = [4, 3], [4, 4]
    np.testing.assert_array_equal(weights("SameStep", apart), weights("Disabled", apart))
    np.testing.assert_array_equal(weights("SameStep", together), weights("NextStep", together))


def test_a_step_that_only_resets_is_not_learned_from() -> None:
    agent, rollout = played(corridors([4, 2], "NextStep"), steps=8)

    assert rollout.valid[:, 0].tolist() == [True] * 4 + [False] + [True] * 3
    assert rollout.valid[:, 1].tolist() == [True, True, False] * 2 + [True, True]
    assert rollout.opens[:, 1].tolist() == [t % 3 == 0 for t in range(8)]
    batches = Batches(rollout, rollout.advantages(0.9, 0.9), agent.encoding, agent.device)
    sizes = [len(b.actions) for b in batches.steps(5, np.random.default_rng(0))]
    assert sum(sizes) == rollout.valid.sum()
    assert list(agent.world.lengths) == [2, 4, 2, 2]


@pytest.mark.parametrize("mode", ["SameStep", "NextStep"])
@pytest.mark.parametrize("core", sorted(MEMORY))
def test_unrolled_minibatches_repeat_what_was_played(core: str, mode: str) -> None:
    """With the same weights every step has its log-probability and value again, masks included."""
    agent, first = played(corridors([4, 6, 20], mode), steps=10, core=core, sequence_length=4)
    del first
    rollout = agent._collector.collect(agent._key, 30)  # begins in the middle of episodes
    batches = Batches(rollout, rollout.advantages(0.9, 0.9), agent.encoding, agent.device)
    order, steps = np.random.default_rng(0), 0
    memory = agent._collector.has_memory
    for batch in batches.sequences(6, 4, order) if memory else batches.steps(6, order):
        with torch.no_grad():
            logits, values = TorchPass(agent.network)(batch)
        chosen = taken(log_probabilities(logits, batch.masks), batch.actions)
        known = batch.returns - batch.advantages
        torch.testing.assert_close(chosen, batch.log_probs, atol=1e-5, rtol=1e-4)
        torch.testing.assert_close(values, known, atol=1e-4, rtol=1e-4)
        steps += len(batch.actions)
    assert steps == rollout.valid.sum()
    assert memory == (core != "mlp")


@pytest.mark.parametrize("mode", ["SameStep", "NextStep"])
@pytest.mark.parametrize("kind", [PPO, ActorCritic, REINFORCE])
def test_dropout_by_episode_drops_again_what_it_dropped(kind: Any, mode: str) -> None:
    """Before the first gradient step the replay has the log-probabilities of the rollout."""
    settings = {} if kind is REINFORCE else {"steps": 12}
    if kind is PPO:
        settings["sequence_length"] = 5  # states are kept in the middle of episodes too
    core = {"core": "variational-lstm", "core_settings": {"hidden_size": 8, "keep_input": 0.5}}
    env = corridors([4, 6, 20], mode)
    agent = kind(env, seed=1, learning_rate=0.3, **core, **settings).learn(60)
    agent.network.train()  # as in `learn`
    collector, stride = agent._collector, agent._collector.stride
    agent.world.begin(3)
    play = collector.collect_episodes if kind is REINFORCE else collector.collect
    for turn in range(3):
        rollout = play(agent._key, 60 + turn * 36)
        batches = Batches(rollout, rollout.advantages(0.9, 0.9), agent.encoding, agent.device)
        order, steps = np.random.default_rng(turn), 0
        whole = [batches.whole()] if kind is not PPO else batches.sequences(9, stride, order)
        for batch in whole:
            with torch.no_grad():
                logits, _ = TorchPass(agent.network)(batch)
            chosen = taken(log_probabilities(logits, batch.masks), batch.actions)
            torch.testing.assert_close(chosen, batch.log_probs, atol=1e-5, rtol=1e-4)
            steps += len(batch.actions)
        assert steps == rollout.valid.sum()


def test_episodes_share_rows_and_what_goes_on_begins_one() -> None:
    """Of 4, 3, 2, 1 and 1 steps with 3 going on: rows of 4, 3 + 1 and 2 + 1."""
    segments = [Segment(0, 0, 3), Segment(0, 3, 4), Segment(1, 0, 2), Segment(1, 2, 3)]
    segments.append(Segment(2, 0, 4))
    opens = np.zeros((4, 3), np.bool_)
    for segment in segments[1:]:
        opens[segment.start, segment.env] = True
    rows = rows_of(segments, opens)

    assert sorted(segment for row in rows for segment in row) == sorted(segments)
    assert sorted([s.stop - s.start for s in row] for row in rows) == [[2, 1], [3, 1], [4]]
    assert rows[0][0] == segments[0]
