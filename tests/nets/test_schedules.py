"""Chapter 7, section 7.2.2: schedules by hand, against PyTorch, and in both adapters."""

import pickle
from collections.abc import Callable
from math import cos, exp, pi, sqrt
from typing import Any

import pytest
import torch
from stable_baselines3 import PPO
from torch import nn, optim
from torch.optim import lr_scheduler

from rlkit.nets.schedules import (
    Cosine,
    Exponential,
    Held,
    InverseTime,
    NaturalExponential,
    Noam,
    PiecewiseConstant,
    Schedule,
    Triangular,
    WarmRestarts,
    WarmUp,
    lambda_lr,
    sb3_schedule,
)


def rates(scheduler: Callable[[optim.Optimizer], Any], updates: int) -> list[float]:
    """Return the rates PyTorch gives to updates 0, 1, ..."""
    optimizer = optim.SGD([nn.Parameter(torch.zeros(1))], lr=1.0)
    built, found = scheduler(optimizer), []
    for _ in range(updates):
        found.append(float(optimizer.param_groups[0]["lr"]))
        optimizer.step()
        built.step()
    return found


@pytest.mark.parametrize(
    ("schedule", "formula"),
    [
        (PiecewiseConstant((3, 5), (0.5, 0.1)), lambda t: 1 if t < 3 else 0.5 if t < 5 else 0.1),
        (InverseTime(0.2), lambda t: 1 / (1 + 0.2 * t)),
        (Exponential(), lambda t: 0.96**t),
        (NaturalExponential(0.04), lambda t: exp(-0.04 * t)),
        (Cosine(20), lambda t: 0.5 * (1 + cos(t * pi / 20))),
        (WarmUp(5), lambda t: (t + 1) / 5 if t < 4 else 1),
        (WarmUp(3, Exponential(0.5)), lambda t: (t + 1) / 3 if t < 3 else 0.5 ** (t - 2)),
        (Noam(4), lambda t: min((t + 1) / 4, sqrt(4 / (t + 1)))),
    ],
)
def test_values_by_hand(schedule: Schedule, formula: Callable[[int], float]) -> None:
    assert [schedule(t) for t in range(20)] == pytest.approx([formula(t) for t in range(20)])


@pytest.mark.parametrize(
    ("schedule", "peer"),
    [
        (Exponential(0.9), lambda o: lr_scheduler.ExponentialLR(o, 0.9)),
        (NaturalExponential(0.1), lambda o: lr_scheduler.ExponentialLR(o, exp(-0.1))),
        (PiecewiseConstant((4, 9), (0.1, 0.01)), lambda o: lr_scheduler.MultiStepLR(o, [4, 9])),
        (Held(Cosine(30)), lambda o: lr_scheduler.CosineAnnealingLR(o, 30)),
        (WarmUp(6), lambda o: lr_scheduler.LinearLR(o, 1 / 6, total_iters=5)),
        (
            Triangular(4, low=0.1),
            lambda o: lr_scheduler.CyclicLR(o, 0.1, 1.0, 4, cycle_momentum=False),
        ),
        (
            WarmRestarts(5, growth=2, low=0.1),
            lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, 5, 2, eta_min=0.1),
        ),
    ],
)
def test_they_are_pytorchs_where_both_exist(schedule: Schedule, peer: Any) -> None:
    ours = [schedule(t) for t in range(30)]
    assert ours == pytest.approx(rates(peer, 30), abs=1e-12)


def test_peaks_of_cycles_shrink_and_periods_grow() -> None:
    triangle = Triangular(2, low=0.2, decay=0.5)
    assert [triangle(t) for t in range(9)] == pytest.approx(
        [0.2, 0.6, 1.0, 0.6, 0.1, 0.3, 0.5, 0.3, 0.05]
    )
    restarts = WarmRestarts(4, growth=1.5, low=0.0, decay=0.5)
    assert [restarts(t) for t in (0, 2, 4, 7, 10)] == pytest.approx([1, 0.5, 0.5, 0.25, 0.25])


def test_pytorchs_cosine_climbs_again_and_ours_ends() -> None:
    assert rates(lambda o: lr_scheduler.CosineAnnealingLR(o, 10), 12)[11] == pytest.approx(
        0.5 * (1 + cos(1.1 * pi))
    )
    cosine = Cosine(10)
    with pytest.raises(ValueError, match=r"Cosine is defined for t in \[0, 10\], got t=11; Held"):
        cosine(11)
    assert Held(cosine)(11) == Held(cosine)(1000) == cosine(10) == 0
    assert WarmUp(3, cosine).end == 12
    with pytest.raises(ValueError, match=r"\[0, 12\], got t=13"):
        WarmUp(3, cosine)(13)


def test_lambda_lr_gives_every_update_its_rate_and_resumes() -> None:
    schedule = WarmUp(3, Triangular(4, decay=0.5))
    wanted = [schedule(t) for t in range(12)]
    assert rates(lambda o: lambda_lr(o, schedule), 12) == pytest.approx(wanted)
    optimizer = optim.SGD([{"params": [nn.Parameter(torch.zeros(1))], "initial_lr": 1.0}], lr=1.0)
    lambda_lr(optimizer, schedule, last_update=6)
    assert optimizer.param_groups[0]["lr"] == pytest.approx(wanted[7])


def test_stable_baselines3_reads_the_progress() -> None:
    rate = sb3_schedule(0.2, Cosine(100), updates=100)
    assert rate(1.0) == 0.2
    assert rate(0.5) == pytest.approx(0.1)
    assert rate(0.0) == rate(-0.1) == 0.0
    assert sb3_schedule(0.2, Cosine(), updates=100)(0.5) == rate(0.5)
    model = PPO("MlpPolicy", "CartPole-v1", rate, 16, 16, n_epochs=1).learn(32)
    assert model.policy.optimizer.param_groups[0]["lr"] == 0.0


def test_schedules_are_values() -> None:
    assert Cosine(5) == Cosine(5) != Cosine(6)
    assert pickle.loads(pickle.dumps(WarmUp(3, Cosine(5))))(4) == WarmUp(3, Cosine(5))(4)  # noqa: S301


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: PiecewiseConstant((5, 3), (0.1, 0.2)), "boundaries .* must rise"),
        (lambda: PiecewiseConstant((5,), (-0.1,)), "not be negative"),
        (lambda: PiecewiseConstant((5,), ()), "one factor each"),
        (lambda: PiecewiseConstant((0,), (0.5,)), "whole number from 1"),
        (lambda: InverseTime(-0.1), "beta of an inverse-time schedule must not be negative"),
        (lambda: Exponential(1.5), r"in \(0, 1\], got 1.5"),
        (lambda: Exponential(0.0), r"in \(0, 1\], got 0.0"),
        (lambda: Cosine(0), "steps of a cosine schedule .* whole number from 1 on, got 0"),
        (lambda: WarmUp(0), "got 0"),
        (lambda: Triangular(4, low=-0.1), "low of a triangular schedule .* negative"),
        (lambda: Triangular(4, low=0.5, high=0.1), r"low of a triangular schedule .* \[0, high\]"),
        (lambda: WarmRestarts(4, growth=0.5), "growth .* at least 1, got 0.5"),
        (lambda: WarmRestarts(4, decay=float("nan")), "decay .* finite"),
        (lambda: Cosine()(0), "alone it needs `steps`"),
        (lambda: WarmUp(5, Noam()), "none of its own"),
        (
            lambda: WarmUp(5, Cosine(9, start=0.5), start=0.1),
            "rises to the start .* 0.5, not to 0.1",
        ),
        (lambda: Exponential()(-1), r"t in \[0, inf\], got t=-1"),
        (lambda: sb3_schedule(-1.0, Exponential(), 10), "rate must not be negative, got -1.0"),
        (lambda: sb3_schedule(1.0, Cosine(5), 10), r"t in \[0, 5\], got updates=10"),
    ],
)
def test_mistakes_are_explained(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()
