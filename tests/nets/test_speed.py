"""How fast the cores are, as ratios in one run: `pytest -m study tests/nets/test_speed.py -s`.

What is compared runs in turn, so that both meet the same load, and medians of the processor's
time are taken, which other programs disturb less than the clock's.
"""

import time
from collections.abc import Callable
from functools import partial
from statistics import median
from typing import Any

import pytest
import torch
from sb3_contrib import RecurrentPPO
from stable_baselines3.common.env_util import make_vec_env
from torch import Tensor, nn

from rlkit.nets import MLP, Core, Transformer, make_core, make_optimizer
from rlkit.nets.sb3 import MaskableRecurrentPPO

pytestmark = [pytest.mark.study, pytest.mark.timeout(3600)]

T, B, H = 128, 8, 128


def ratios(tasks: dict[str, Callable[[], Any]], base: str, rounds: int = 25) -> dict[str, float]:
    """Return the median time of each task over that of `base`."""
    times: dict[str, list[float]] = {name: [] for name in tasks}
    for task in tasks.values():
        task()
    for _ in range(rounds):
        for name, task in tasks.items():
            start = time.process_time()
            task()
            times[name].append(time.process_time() - start)
    found = {name: median(seconds) / median(times[base]) for name, seconds in times.items()}
    least = {name: min(seconds) / min(times[base]) for name, seconds in times.items()}
    for name, ratio in found.items():
        print(f"{name}: {ratio:.2f} (of the fastest runs {least[name]:.2f})")  # noqa: T201
    return found


def test_resets_cost_little_on_the_fused_kernel() -> None:
    lstm: Core = make_core("lstm", (H,), hidden_size=H, seed=0)
    normalised = make_core("layer-norm-lstm", (H,), hidden_size=H, seed=0)
    bare = nn.LSTM(H, H)
    x = torch.randn(T, B, H)
    generator = torch.Generator().manual_seed(0)
    resets = {rate: torch.rand(T, B, generator=generator) < rate for rate in (0.0, 1 / 200, 1 / 20)}

    def learn(y: Tensor) -> None:
        y.sum().backward()

    def unroll(core: Core, rate: float) -> Callable[[], None]:
        return lambda: learn(core.unroll(x, core.initial_state(B), resets[rate])[0])

    def loop(rate: float) -> Callable[[], None]:
        def run() -> None:
            state, rows = lstm.initial_state(B), []
            for x_t, reset_t in zip(x, resets[rate], strict=True):
                y, state = lstm.step(x_t, state, reset_t)
                rows.append(y)
            learn(torch.stack(rows))

        return run

    found = ratios(
        {
            "bare": lambda: learn(bare(x)[0]),
            "1/200": unroll(lstm, 1 / 200),
            "1/20": unroll(lstm, 1 / 20),
            "loop, 1/20": loop(1 / 20),
            "layer norm": unroll(normalised, 0.0),
        },
        "bare",
    )
    assert found["1/200"] <= 1.6
    assert found["1/20"] <= 5.0
    assert found["1/20"] <= found["loop, 1/20"]
    assert found["layer norm"] <= 8.0


def test_the_cached_step_of_the_transformer() -> None:
    core = Transformer(16, model_size=64, memory=63)
    window, none = torch.randn(64, 8, 16), torch.zeros(64, 8)
    with torch.no_grad():
        _, state = core.unroll(window, core.initial_state(8), none)
        found = ratios(
            {
                "8 steps": lambda: [core.step(window[-1], state, none[-1]) for _ in range(8)],
                "8 windows": lambda: [
                    core.unroll(window, core.initial_state(8), none) for _ in range(8)
                ],
            },
            "8 steps",
        )
    assert found["8 windows"] >= 5


def test_training_recurrent_ppo() -> None:
    """CartPole, 8 environments of 128 steps, minibatches of 256, 256 units."""

    def model(algorithm: type[Any]) -> Any:
        env = make_vec_env("CartPole-v1", n_envs=8, seed=0)
        built = algorithm(
            "MlpLstmPolicy", env, n_steps=128, batch_size=256, n_epochs=1, seed=0, device="cpu"
        )
        return built.learn(1024)

    fast, slow = model(MaskableRecurrentPPO), model(RecurrentPPO)
    pairs = zip(fast.policy.parameters(), slow.policy.parameters(), strict=True)
    apart = max(float((a - b).abs().max().detach()) for a, b in pairs)
    found = ratios({"masked": fast.train, "RecurrentPPO": slow.train}, "masked", rounds=5)
    print(f"parameters after the same training differ by {apart:.1e}")  # noqa: T201
    assert found["RecurrentPPO"] >= 2.5
    assert apart < 1e-6


def test_optimizers_by_name() -> None:
    """An MLP of 8 tensors, as agents have it; 20 steps a task."""
    generator = torch.Generator().manual_seed(0)

    def stepper(make: Callable[..., torch.optim.Optimizer], **settings: bool) -> Callable[[], Any]:
        network = MLP(64, (256, 256, 256), 8)
        for parameter in network.parameters():
            parameter.grad = 1e-3 * torch.randn(parameter.shape, generator=generator)
        built = make(list(network.parameters()), lr=1e-4, **settings)
        return lambda: [built.step() for _ in range(20)]

    tasks: dict[str, Callable[[], Any]] = {}
    for name, peer in FUSED.items():
        tasks[name] = stepper(partial(make_optimizer, name))
        tasks[f"{name}, fused"] = stepper(peer, fused=True)
    for name, peer in FOREACH.items():
        tasks[name] = stepper(partial(make_optimizer, name))
        tasks[f"{name}, foreach"] = stepper(peer, foreach=True)
    found = ratios(tasks, "adam, fused", rounds=41)
    for name in FUSED:
        assert found[name] <= 1.1 * found[f"{name}, fused"], name  # the same kernel, and noise
    for name in FOREACH:
        assert found[name] <= 3 * found[f"{name}, foreach"], name


FUSED: dict[str, Any] = {
    "adam": torch.optim.Adam,
    "adamw": torch.optim.AdamW,
    "sgd": torch.optim.SGD,
    "adagrad": torch.optim.Adagrad,
}
FOREACH: dict[str, Any] = {
    "textbook-adam": torch.optim.Adam,
    "textbook-rmsprop": torch.optim.RMSprop,
    "textbook-adagrad": torch.optim.Adagrad,
    "textbook-adadelta": torch.optim.Adadelta,
    "textbook-momentum": partial(torch.optim.SGD, momentum=0.9),
    "textbook-nesterov": partial(torch.optim.SGD, momentum=0.9, nesterov=True),
}
"""The textbook forms and their PyTorch counterparts."""
