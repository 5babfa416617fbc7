"""DQN by hand: targets, losses, choices, memory, masks, truncation."""

from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from gymnasium.vector import VectorEnv  # noqa: E402

from rlkit.agents.deep import DQN, NotFiniteError  # noqa: E402
from rlkit.agents.deep.arithmetic.compiled import DenseTDGradient  # noqa: E402
from rlkit.agents.deep.arithmetic.kernels import choose_greedily  # noqa: E402
from rlkit.agents.deep.experience.replay import Slots  # noqa: E402
from rlkit.agents.deep.experience.sampling import Sample  # noqa: E402
from rlkit.agents.deep.losses import best_values, sequence_priority, td_loss  # noqa: E402
from rlkit.agents.deep.networks import DuelingHead  # noqa: E402
from rlkit.agents.deep.q_gradients import StepGradient, TorchTDGradient  # noqa: E402
from rlkit.nets import Feedforward  # noqa: E402
from tests.agents.deep.support import Corridor, corridors  # noqa: E402

GRU: dict[str, Any] = {"core": "gru", "core_settings": {"hidden_size": 6}}
OFTEN: dict[str, Any] = {"train_every": 4, "gradient_steps": 2}
SHORT: dict[str, Any] = {"sequence_length": 4, "burn_in": 3}


def test_double_targets_value_what_the_other_network_chooses() -> None:
    values = np.array([[1.0, 2.0, 3.0]])
    judged = np.array([[5.0, 0.0, 4.0]])
    mask = np.array([[False, True, True]])

    assert best_values(values, values, None).tolist() == [3.0]
    assert best_values(values, judged, None).tolist() == [1.0]
    assert best_values(values, judged, mask).tolist() == [3.0]
    assert best_values(values, -judged, mask).tolist() == [2.0]
    assert best_values(-values, -values, mask).tolist() == [-2.0]
    assert best_values(values, judged, ~mask & mask).tolist() == [1.0]  # an episode is over


def test_losses_are_squares_or_hubers() -> None:
    values, targets = torch.tensor([0.0, 0.0]), torch.tensor([0.5, 3.0])
    weights = torch.tensor([1.0, 0.2])

    assert td_loss(values, targets, None, None).item() == pytest.approx((0.125 + 4.5) / 2)
    assert td_loss(values, targets, None, 1.0).item() == pytest.approx((0.125 + 2.5) / 2)
    assert td_loss(values, targets, weights, 1.0).item() == pytest.approx((0.125 + 0.5) / 2)


def test_the_priority_of_a_sequence_mixes_largest_and_mean() -> None:
    errors = np.array([[1.0, 9.0], [-3.0, 1.0], [2.0, 8.0]])
    counted = np.array([[True, False], [True, True], [True, False]])

    np.testing.assert_allclose(sequence_priority(errors, counted), [0.9 * 3 + 0.1 * 2, 1.0])


def test_a_dueling_head_adds_value_and_centred_advantages() -> None:
    head = DuelingHead(1, 3)
    with torch.no_grad():
        head.value.weight.fill_(2.0)
        head.value.bias.fill_(1.0)
        head.advantage.weight.copy_(torch.tensor([[1.0], [2.0], [6.0]]))
        head.advantage.bias.zero_()

    assert head(torch.tensor([[2.0]])).tolist() == [[5 - 4, 5 - 2, 5 + 6]]


def test_choices_are_greedy_or_uniform_over_the_legal() -> None:
    """90,000 draws with epsilon .3: each frequency lies within 5 standard errors."""
    rows = 90_000
    scores = np.tile(np.array([1.0, 9.0, 3.0, 2.0], np.float32), (rows, 1))
    masks = np.tile(np.array([1, 0, 1, 1], np.int8), (rows, 1))
    key, zero = np.uint64(5), np.uint64(0)
    counts = np.bincount(choose_greedily(scores, masks, 0.3, key, zero), minlength=4) / rows
    expected = np.array([0.1, 0.0, 0.8, 0.1])

    assert (np.abs(counts - expected) <= 5 * np.sqrt(expected * (1 - expected) / rows)).all()
    none = np.ones((0, 4), np.int8)
    assert set(choose_greedily(scores, none, 0.0, key, zero)) == {1}
    assert choose_greedily(scores[:1], masks[:1] * 0, 1.0, key, zero).tolist() == [-1]
    later = choose_greedily(scores[:50], masks[:50], 1.0, key, np.uint64(10))
    np.testing.assert_array_equal(choose_greedily(scores, masks, 1.0, key, zero)[10:60], later)


def values_of(network: Any, seen: Any) -> Any:
    """Return the values of one observation by torch."""
    x = torch.tensor(np.array(seen, np.float32)).reshape(1, 1, -1)
    with torch.no_grad():
        return network.scores(x, (), torch.zeros(1, 1))[0][0, 0].numpy()


@pytest.mark.parametrize("double", [False, True])
@pytest.mark.parametrize("truncates", [False, True])
@pytest.mark.parametrize("n", [1, 2, 3])
def test_targets_by_hand(n: int, truncates: bool, double: bool) -> None:
    """Episodes of four steps with rewards a t; a truncated one goes on from its final step."""
    corridor = Corridor(4, truncates=truncates)
    agent = DQN(corridor, n_steps=n, double=double, discount=0.9, learning_starts=99, seed=1)
    agent.learn(12)
    with torch.no_grad():
        agent.parameters.add_(0.1 * torch.randn(len(agent.parameters), generator=_generator()))
    memory: Any = agent._memory
    stored = [i for i in range(8) if memory.replay.fields["real"][0, i]]
    slots = Slots(np.zeros(len(stored), np.int64), np.array(stored))
    targets = memory.gradient.targets(slots)

    for k, target in enumerate(targets):
        expected, t = 0.0, k
        for i in range(n):
            t = k + i
            expected += 0.9**i * corridor.actions[t] * (t % 4 + 1)
            if t % 4 == 3:
                break
        if t % 4 < 3 or truncates:
            time = t % 4 + 1
            seen, legal = [time, corridor.actions[t]], 3 if time % 2 == 0 else 2
            values = values_of(agent._target, seen)[:legal]
            by = values_of(agent.network, seen)[:legal] if double else values
            expected += 0.9 ** (t - k + 1) * values[by.argmax()]
        assert target == pytest.approx(expected, abs=1e-5), k


def _generator() -> Any:
    return torch.Generator().manual_seed(0)


@pytest.mark.parametrize("truncates", [False, True])
@pytest.mark.parametrize("core", ["gru", "transformer"])
def test_sequences_have_the_values_of_the_whole_past(core: str, truncates: bool) -> None:
    """With unchanged weights, stored states give what reading everything from the start gives."""
    sizes = {"gru": {"hidden_size": 6}, "transformer": {"model_size": 8, "heads": 2}}
    env = corridors([4, 3], truncates=truncates)
    settings: dict[str, Any] = {"core": core, "core_settings": sizes[core], "n_steps": 2, **SHORT}
    agent = DQN(env, learning_starts=999, seed=1, discount=0.9, **settings).learn(120)
    memory: Any = agent._memory
    slots = Slots(np.array([0, 1, 1]), np.array([8, 4, 12]))
    x, reset = memory.gradient._read(slots)
    states = [torch.from_numpy(part) for part in memory.states.at(slots)]
    with torch.no_grad():
        scores = memory.gradient._unroll(agent.network, x, states, reset)

    everything = Slots(np.array([0, 1]), np.zeros(2, np.int64))
    seen, opens = memory.replay.stretch(everything, 24, "observations", "opens")
    with torch.no_grad():
        whole, _ = agent.network.scores(
            torch.from_numpy(seen), agent.network.initial_state(2), torch.from_numpy(opens).float()
        )
    for k, (env_index, number) in enumerate(zip(*slots, strict=True)):
        first = number + SHORT["burn_in"]
        torch.testing.assert_close(
            scores[:, k], whole[first : first + 5, env_index], atol=1e-5, rtol=1e-4
        )


@pytest.mark.parametrize("truncates", [False, True])
def test_sequence_targets_are_those_of_steps(truncates: bool) -> None:
    """A GRU whose recurrent weights are zero and whose gates are open forgets: compare to steps."""
    env = Corridor(4, truncates=truncates)
    agent = DQN(env, n_steps=3, learning_starts=999, seed=1, discount=0.9, **GRU, **SHORT)
    agent.learn(40)
    memory: Any = agent._memory
    slots = Slots(np.zeros(1, np.int64), np.array([8]))
    learned = Slots(slots.environments, slots.numbers + 3)
    online = np.arange(15.0).reshape(5, 1, 3)  # the last action is always the best legal one
    targets = memory.gradient._targets(learned, online, online)[:, 0]
    names = "rewards", "terminated", "cut", "masks", "real"
    rewards, terminated, cut, masks, real = memory.replay.stretch(learned, 5, *names)
    following = [online[t, 0][masks[t, 0]].max() for t in range(5)]

    for t in range(4):
        expected, weight, k = 0.0, 1.0, t
        while True:
            expected += weight * rewards[k, 0]
            weight *= 0.9
            if cut[k, 0] or k == min(t + 2, 3):
                break
            k += 1
        expected += 0.0 if terminated[k, 0] else weight * following[k + 1]
        if real[t, 0]:
            assert targets[t] == pytest.approx(expected, abs=1e-5), t


@pytest.mark.parametrize("activation", ["tanh", "relu"])
@pytest.mark.parametrize(("weighed", "clip"), [(False, None), (True, 1.0)])
def test_gradients_without_torch_are_torchs(activation: str, weighed: bool, clip: Any) -> None:
    core = {"hidden": [7, 5], "activation": activation}
    settings: dict[str, Any] = {"core_settings": core, "error_clip": clip}
    agent = DQN(Corridor(4), learning_starts=999, seed=2, **settings).learn(40)
    memory: Any = agent._memory
    slots = Slots(np.zeros(9, np.int64), np.arange(3, 12))
    weights = np.linspace(0.1, 1.0, 9).astype(np.float32) if weighed else None
    gradient: Any = agent.parameters.grad
    errors = memory.gradient(Sample(slots, weights))
    compiled = gradient.clone()
    gradient.zero_()
    networks = memory.gradient.networks
    plain: Any = StepGradient(networks, memory.replay, agent.encoding, 0.99, 1, 9)
    plain._backward = TorchTDGradient(networks)
    expected = plain(Sample(slots, weights))

    assert type(memory.gradient._backward) is DenseTDGradient
    assert (np.abs(errors) > 1).any()  # where a clip counts,
    assert (np.abs(errors) < 1).any()  # and where it is not
    np.testing.assert_allclose(errors, expected, atol=1e-5)
    torch.testing.assert_close(compiled, gradient, atol=1e-6, rtol=1e-4)


@pytest.mark.parametrize("settings", [{}, {"dueling": True}, GRU, {**GRU, "burn_in": 0}], ids=str)
def test_gradient_steps_lower_the_errors_of_the_actions_taken(settings: dict[str, Any]) -> None:
    forms = {**SHORT, **settings}
    agent = DQN(Corridor(4), learning_starts=999, seed=2, learning_rate=1e-2, **forms).learn(40)
    memory: Any = agent._memory
    sample = Sample(Slots(np.zeros(2, np.int64), np.array([4, 8])), None)
    errors = []
    for _ in range(60):
        errors.append(np.abs(memory.gradient(sample)).mean())
        agent._descent(40)

    assert errors[-1] < 0.5 * errors[0]


@pytest.mark.parametrize("settings", [{}, {**GRU, **SHORT}], ids=["mlp", "gru"])
@pytest.mark.parametrize("truncates", [False, True])
def test_autoreset_modes_learn_the_same(settings: dict[str, Any], truncates: bool) -> None:
    weights = []
    for mode in ("SameStep", "NextStep", "Disabled"):
        env = corridors([4, 4], mode, truncates=truncates)
        agent = DQN(env, learning_starts=20, batch_size=8, seed=3, **settings).learn(160)
        weights.append(agent.parameters.detach().numpy())

    np.testing.assert_array_equal(weights[0], weights[1])
    np.testing.assert_array_equal(weights[0], weights[2])


class Reusing(VectorEnv[Any, Any, Any]):
    """Hands out the same arrays at each step, as an environment may."""

    def __init__(self, env: Any) -> None:
        self.env, self.num_envs, self.metadata = env, env.num_envs, env.metadata
        self.single_observation_space = env.single_observation_space
        self.single_action_space = env.single_action_space
        self.observation_space, self.action_space = env.observation_space, env.action_space

    def reset(self, **keywords: Any) -> Any:
        """Keep the arrays."""
        self.seen, info = self.env.reset(**keywords)
        self.mask = info["action_mask"].copy()
        return self.seen, {"action_mask": self.mask}

    def step(self, actions: Any) -> Any:
        """Overwrite the arrays."""
        seen, *rest, info = self.env.step(actions)
        self.seen[:], self.mask[:] = seen, info["action_mask"]
        return self.seen, *rest, {**info, "action_mask": self.mask}


def test_arrays_that_an_environment_reuses_are_remembered_as_they_were() -> None:
    kept = []
    for env in (corridors([4, 3]), Reusing(corridors([4, 3]))):
        agent = DQN(env, learning_starts=999, seed=1).learn(60)
        memory: Any = agent._memory
        kept.append(memory.replay.fields)

    for name, ring in kept[0].items():
        np.testing.assert_array_equal(ring, kept[1][name], name)


def test_the_next_step_mode_learns_from_no_reset() -> None:
    agent = DQN(corridors([4, 3], "NextStep", truncates=True), learning_starts=999).learn(80)
    memory: Any = agent._memory
    seen, real, opens = (memory.replay.fields[k] for k in ("observations", "real", "opens"))

    for i, length in enumerate((4, 3)):
        times = seen[i, : memory.replay.written[i], 0].astype(int).tolist()
        assert times == [k % (length + 1) for k in range(len(times))]
        assert not real[i, : len(times)][np.array(times) == length].any()
        np.testing.assert_array_equal(opens[i, : len(times)], np.array(times) == 0)


@pytest.mark.parametrize(
    "settings",
    [
        {"double": False},
        {"dueling": True},
        {"n_steps": 3, "prioritised": True},
        {**GRU, **SHORT, "prioritised": True, **OFTEN},
        {"core": "transformer", "core_settings": {"model_size": 8, "heads": 2}, **SHORT, **OFTEN},
    ],
    ids=["plain", "dueling", "prioritised", "gru", "transformer"],
)
def test_every_form_learns_the_corridor(settings: dict[str, Any]) -> None:
    """Rewards are a t and action 2 is illegal at odd times: the best is 2 + 2 + 6 + 4 = 14."""
    agent = DQN(
        Corridor(4),
        learning_rate=3e-3,
        learning_starts=50,
        target_every=50,
        batch_size=16,
        epsilon={"kind": "linear", "start": 1.0, "stop": 0.1, "steps": 800},
        discount=0.9,
        seed=1,
        **settings,
    ).learn(1_200)

    assert play(agent, Corridor(4)) == 14.0


def play(agent: Any, env: Any) -> float:
    """Return what the greedy policy earns in one episode."""
    seen, info = env.reset()
    total, over, state = 0.0, False, None
    while not over:
        action, state = agent.predict(seen, state, action_masks=info["action_mask"])
        seen, reward, terminated, truncated, info = env.step(action)
        total, over = total + reward, terminated or truncated
    return total


def test_what_is_not_finite_is_named_and_not_remembered() -> None:
    env: Any = corridors([4, 4])
    env.envs[1].spoilt = 10
    agent = DQN(env, learning_starts=8, batch_size=4)
    message = "environment 1 gave an observation that is not finite at step 20"
    with pytest.raises(NotFiniteError, match=message):
        agent.learn(100)

    memory: Any = agent._memory
    assert np.isfinite(memory.replay.fields["observations"]).all()
    assert torch.isfinite(agent.parameters).all()


def test_bad_settings_are_named() -> None:
    with pytest.raises(ValueError, match="n_steps must be a whole number from 1 on, got 0"):
        DQN("CartPole-v1", n_steps=0)
    with pytest.raises(ValueError, match=r"priority_exponent must lie in \[0, 1\], got 2"):
        DQN("CartPole-v1", priority_exponent=2)
    with pytest.raises(ValueError, match="error_clip must be positive or None, got 0"):
        DQN("CartPole-v1", error_clip=0)
    with pytest.raises(ValueError, match="a memory of 1 slots is too small"):
        DQN("CartPole-v1", capacity=1).learn(1)
    with pytest.raises(TypeError, match=r"Discrete actions.*sb3:sac"):
        DQN("Pendulum-v1")


@pytest.mark.study
@pytest.mark.timeout(3600)
def test_cartpole_is_solved_in_nine_of_ten_seeds() -> None:
    from rlkit.evaluation import evaluate

    means = []
    for seed in range(10):
        agent = DQN("CartPole-v1", seed=seed).learn(50_000)
        means.append(evaluate(agent, "CartPole-v1", 100, seed=1).returns.mean())

    assert sum(mean >= 475 for mean in means) >= 9, means


@pytest.mark.parametrize(
    ("settings", "least"),
    [
        ({}, 3),
        ({"n_steps": 5}, 7),
        ({"num_envs": 4, "n_steps": 5}, 28),
        ({**GRU, **SHORT}, 12),
        ({**GRU, "sequence_length": 4, "burn_in": 9}, 20),
        ({"prioritised": True}, 3),
    ],
)
def test_a_memory_that_can_give_no_batch_says_so(settings: dict[str, Any], least: int) -> None:
    """The smallest that is taken gives batches, however short the episodes are."""
    with pytest.raises(ValueError, match=f"could not give a batch.*capacity be at least {least}"):
        DQN("CartPole-v1", capacity=least - 1, **settings)
    count = settings.get("num_envs", 1)
    given = {k: v for k, v in settings.items() if k != "num_envs"}
    env = corridors([1] * count, truncates=True)
    agent = DQN(env, capacity=least, learning_starts=1, batch_size=2, **OFTEN, **given)
    drawn = 0
    for _ in range(30):
        agent.learn(1)
        drawn += agent._errors is not None
        agent._errors = None
    assert drawn >= 20


def normalised(shape: tuple[int, ...]) -> Any:
    """Make a core that counts running means."""
    return Feedforward(torch.nn.Sequential(torch.nn.BatchNorm1d(*shape), torch.nn.ReLU()), shape)


def test_the_target_network_takes_running_means_along() -> None:
    def agent() -> DQN:
        settings = {**OFTEN, "learning_starts": 8, "target_every": 64, "horizon": 999}
        return DQN(corridors([4, 5, 6]), core=normalised, seed=1, **settings)

    def means(one: DQN) -> list[Any]:
        networks = one.network, one._target
        return [n.core.network[0].running_mean.tolist() for n in networks]

    whole = agent().learn(48)
    assert means(whole)[1] == [0.0, 0.0] != means(whole)[0]  # not renewed yet
    while whole._renewed == 0:
        whole._learn_once()
    assert whole._target.core.network[0].num_batches_tracked > 0
    whole.learn(12)
    resumed = agent()
    whole.end_episodes()  # these environments cannot be copied
    resumed.load_state_dict(whole.state_dict())
    assert means(resumed) == means(whole)
    whole.learn(100)
    resumed.learn(100)
    np.testing.assert_array_equal(whole.parameters.detach(), resumed.parameters.detach())
    assert means(resumed) == means(whole)
