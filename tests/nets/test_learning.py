"""What the networks can learn. Minutes each, so by name: `pytest -m study tests/nets`."""

from collections.abc import Callable
from typing import Any

import gymnasium
import numpy as np
import pytest
import torch
from stable_baselines3 import PPO
from stable_baselines3.common.callbacks import EvalCallback, StopTrainingOnRewardThreshold
from stable_baselines3.common.env_util import make_vec_env
from stable_baselines3.common.evaluation import evaluate_policy
from stable_baselines3.common.vec_env import VecNormalize
from torch import Tensor, nn
from torch.nn import functional

from rlkit.nets import (
    LSTM,
    SRN,
    AdditiveScore,
    LeNet5,
    Recurrent,
    RecurrentLayer,
    Seq2Seq,
    SequenceClassifier,
    SoftAttention,
    remember_up_to,
)
from rlkit.nets.sb3 import MaskableRecurrentPPO, Window, policy_kwargs

pytestmark = [pytest.mark.study, pytest.mark.timeout(3600)]


def minimise(net: nn.Module, loss: Tensor, optimizer: torch.optim.Optimizer) -> None:
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    optimizer.step()


def shifted(images: Tensor, generator: torch.Generator) -> Tensor:
    """Move each image by up to two pixels in each direction."""
    size = images.shape[-1]
    corners = torch.randint(0, 5, (len(images), 2), generator=generator).tolist()
    padded = functional.pad(images, (2, 2, 2, 2), value=-1.0)
    rows = [padded[i, :, y : y + size, x : x + size] for i, (y, x) in enumerate(corners)]
    return torch.stack(rows)


def test_lenet_reads_digits() -> None:
    """1,797 digits of 8 x 8, a quarter of them for the test; at least 98.5 % are right."""
    datasets = pytest.importorskip("sklearn.datasets")
    digits = datasets.load_digits()
    images = torch.tensor(digits.images, dtype=torch.float32).unsqueeze(1) / 8 - 1
    images = functional.interpolate(images, size=(28, 28), mode="bilinear")
    images = functional.pad(images, (2, 2, 2, 2), value=-1.0)
    labels = torch.tensor(digits.target)
    generator = torch.Generator().manual_seed(0)
    order = torch.randperm(len(labels), generator=generator)
    test, train = order[:450], order[450:]
    net = LeNet5(nn.Linear(84, 10))
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
    epochs = 30
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs)
    for _ in range(epochs):
        for batch in train[torch.randperm(len(train), generator=generator)].split(64):
            logits = net(shifted(images[batch], generator))
            minimise(net, functional.cross_entropy(logits, labels[batch]), optimizer)
        schedule.step()
    with torch.no_grad():
        right = (net(images[test]).argmax(dim=1) == labels[test]).float().mean().item()
    print(f"LeNet-5 on digits: {right:.4f}")  # noqa: T201
    assert right >= 0.985


def adding_error(layer: RecurrentLayer, length: int, steps: int) -> float:
    """Learn to add the two marked of `length` numbers; return the squared error on new ones.

    Always saying 1 has an error of 1/6 = 0.167.
    """
    generator = torch.Generator().manual_seed(0)

    def batch(size: int) -> tuple[Tensor, Tensor]:
        numbers = torch.rand(length, size, generator=generator)
        marks = torch.zeros(length, size)
        half = length // 2
        for low in (0, half):
            at = torch.randint(low, low + half, (1, size), generator=generator)
            marks.scatter_(0, at, 1.0)
        return torch.stack([numbers, marks], dim=2), (numbers * marks).sum(dim=0)

    net = SequenceClassifier(Recurrent(layer), 1)
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)
    for _ in range(steps):
        x, total = batch(32)
        minimise(net, functional.mse_loss(net(x).squeeze(1), total), optimizer)
    with torch.no_grad():
        x, total = batch(1000)
        return functional.mse_loss(net(x).squeeze(1), total).item()


def test_an_lstm_adds_over_200_steps_where_an_srn_fails() -> None:
    layer = LSTM(2, 32)
    remember_up_to(layer, 200)
    lstm = adding_error(layer, length=200, steps=1000)
    srn = adding_error(SRN(2, 32), length=200, steps=1000)
    print(f"adding problem, length 200: LSTM {lstm:.4f}, SRN {srn:.4f}")  # noqa: T201
    assert lstm < 0.01
    assert srn > 0.1


def test_seq2seq_with_attention_reverses_sequences() -> None:
    """Sequences of 20 of 8 symbols; right only if every symbol and the end are right."""
    symbols, longest = 8, 20
    generator = torch.Generator().manual_seed(0)

    def batch(size: int) -> tuple[Tensor, Tensor, Tensor]:
        lengths = torch.randint(1, longest + 1, (size,), generator=generator)
        lengths[: size // 2] = longest
        source = torch.randint(1, symbols + 1, (size, longest), generator=generator)
        target = torch.zeros(size, longest + 1, dtype=torch.int64)
        for row, length in enumerate(lengths.tolist()):
            target[row, :length] = source[row, :length].flip(0)
        return source, lengths, target

    attention = SoftAttention(AdditiveScore(64, 128, 64))
    net = Seq2Seq(symbols + 1, symbols + 1, attention, hidden_size=64)
    optimizer = torch.optim.Adam(net.parameters(), lr=2e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 500)
    for _ in range(500):
        source, lengths, target = batch(64)
        said = torch.arange(longest + 1) <= lengths.unsqueeze(1)
        logits = net(source, lengths, target)
        minimise(net, functional.cross_entropy(logits[said], target[said]), optimizer)
        schedule.step()
    source = torch.randint(1, symbols + 1, (1000, longest), generator=generator)
    answer = net.eval().greedy(source, torch.full((1000,), longest), longest + 1)
    expected = functional.pad(source.flip(1), (0, 1))
    answer = functional.pad(answer, (0, longest + 1 - answer.shape[1]), value=-1)
    right = (answer == expected).all(dim=1).float().mean().item()
    print(f"reversal of length 20: {right:.3f}")  # noqa: T201
    assert right >= 0.99


class WithoutVelocities(gymnasium.ObservationWrapper[Any, Any, Any]):
    """CartPole's positions alone: no single observation says where the pole is moving."""

    def __init__(self) -> None:
        super().__init__(gymnasium.make("CartPole-v1"))
        space = self.env.observation_space
        assert isinstance(space, gymnasium.spaces.Box)
        self.observation_space = gymnasium.spaces.Box(space.low[[0, 2]], space.high[[0, 2]])

    def observation(self, observation: Any) -> Any:
        """Return position and angle."""
        return observation[[0, 2]]


def mean_return_after_learning(
    algorithm: type[Any], policy: str, make_env: Callable[[], Any], **settings: Any
) -> float:
    """Learn for at most 150,000 steps, until 490 is reached; return the mean of new episodes."""

    def env(seed: int) -> VecNormalize:
        vector = make_vec_env(make_env, n_envs=8, seed=seed)
        keys = ["window"] if "window" in getattr(vector.observation_space, "spaces", {}) else None
        return VecNormalize(vector, norm_obs_keys=keys, gamma=0.98)

    watched = env(seed=100)
    watched.training, watched.norm_reward = False, False
    stop = EvalCallback(
        watched,
        callback_on_new_best=StopTrainingOnRewardThreshold(490),
        n_eval_episodes=16,
        eval_freq=10_000 // 8,
    )
    model = algorithm(
        policy,
        env(seed=0),
        n_steps=64,
        batch_size=256,
        n_epochs=8,
        gae_lambda=0.9,
        gamma=0.98,
        learning_rate=lambda left: 1e-3 * left,
        seed=0,
        device="cpu",
        **settings,
    )
    model.learn(150_000, callback=stop)
    watched.seed(200)
    mean, deviation = evaluate_policy(model, watched, n_eval_episodes=40)
    print(f"{policy}, {model.num_timesteps} steps: {mean} +- {deviation}")  # noqa: T201
    return float(np.mean(mean))


def test_ppo_with_a_window_transformer_solves_cartpole_without_velocities() -> None:
    kwargs = policy_kwargs(
        "transformer", window=True, model_size=32, layers=1, memory=3, net_arch=[64]
    )
    mean = mean_return_after_learning(
        PPO,
        "MultiInputPolicy",
        lambda: Window(WithoutVelocities(), 4, actions_and_rewards=True),
        policy_kwargs=kwargs,
    )
    assert mean >= 475


def test_masked_recurrent_ppo_solves_cartpole_without_velocities() -> None:
    kwargs = {"lstm_hidden_size": 64, "ortho_init": False, "net_arch": [64]}
    mean = mean_return_after_learning(
        MaskableRecurrentPPO, "MlpLstmPolicy", WithoutVelocities, policy_kwargs=kwargs
    )
    assert mean >= 475
