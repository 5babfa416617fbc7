"""Learning rates that change over time, as pure functions of it. Chapter 7, section 7.2.

`schedule(t)` is the factor of alpha_0 after t updates, t = 0 for the first: an immutable object
that remembers nothing, so a resumed run goes on where it stopped. It is a `lr_lambda` as it stands;
`lambda_lr` and `sb3_schedule` are the adapters. (PyTorch's schedulers are recursive, so they drift
when a run resumes, and its cosine climbs again after its end.)
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from math import cos, exp, floor, inf, isfinite, pi

from torch.optim import Optimizer
from torch.optim.lr_scheduler import LambdaLR

from rlkit.nets.attention.recipe import noam_rate


@dataclass(frozen=True)
class Schedule(ABC):
    """A factor of the learning rate for every update. Chapter 7, section 7.2."""

    @property
    def end(self) -> float:
        """The last t it is defined for; infinite where it has none."""
        return inf

    def __call__(self, t: int) -> float:
        """Return the factor after t updates.

        Raises:
            ValueError: If t is negative or past the end.
        """
        if not 0 <= t <= self.end:
            hint = "; Held(schedule) keeps its last value" if t > self.end else ""
            raise ValueError(
                f"{type(self).__name__} is defined for t in [0, {self.end}], got t={t}{hint}"
            )
        return self.factor(t)

    @abstractmethod
    def factor(self, t: int) -> float:
        """Return the factor for a t within the bounds."""


@dataclass(frozen=True)
class PiecewiseConstant(Schedule):
    """beta_i times alpha_0 from update T_i on. Chapter 7, section 7.2."""

    boundaries: tuple[int, ...]
    """T_1 < T_2 < ..., positive."""
    factors: tuple[float, ...]
    """beta_1, beta_2, ..., not negative."""

    def __post_init__(self) -> None:
        rising = all(a < b for a, b in pairwise((0, *self.boundaries)))
        if (
            not rising
            or len(self.boundaries) != len(self.factors)
            or min(self.factors, default=0) < 0
        ):
            raise ValueError(
                "boundaries are positive and rise, with one factor each that is not negative; got "
                f"{self.boundaries} and {self.factors}"
            )

    def factor(self, t: int) -> float:
        """Return the factor of the last boundary passed, or 1."""
        passed = sum(t >= boundary for boundary in self.boundaries)
        return (1.0, *self.factors)[passed]


@dataclass(frozen=True)
class InverseTime(Schedule):
    """1 / (1 + beta t). Chapter 7, section 7.2."""

    beta: float
    """How fast it falls, not negative."""

    def __post_init__(self) -> None:
        _check("beta", self.beta, 0, inf)

    def factor(self, t: int) -> float:
        """Return the factor."""
        return 1 / (1 + self.beta * t)


@dataclass(frozen=True)
class Exponential(Schedule):
    """beta^t. Chapter 7, section 7.2."""

    beta: float = 0.96
    """In (0, 1]; .96 is the chapter's example, for this form alone."""

    def __post_init__(self) -> None:
        _check("beta", self.beta, 0, 1, low_allowed=False)

    def factor(self, t: int) -> float:
        """Return the factor."""
        return self.beta**t


@dataclass(frozen=True)
class NaturalExponential(Schedule):
    """exp(-beta t). Chapter 7, section 7.2."""

    beta: float
    """How fast it falls, not negative."""

    def __post_init__(self) -> None:
        _check("beta", self.beta, 0, inf)

    def factor(self, t: int) -> float:
        """Return the factor."""
        return exp(-self.beta * t)


@dataclass(frozen=True)
class Cosine(Schedule):
    """(1 + cos(pi t / T)) / 2, from 1 to 0 at its end T. Chapter 7, section 7.2."""

    steps: int
    """T, positive."""

    def __post_init__(self) -> None:
        _check("steps", self.steps, 1, inf)

    @property
    def end(self) -> float:
        """T."""
        return self.steps

    def factor(self, t: int) -> float:
        """Return the factor."""
        return (1 + cos(pi * t / self.steps)) / 2


@dataclass(frozen=True)
class Noam(Schedule):
    """sqrt(T'/t) after a linear rise to T': `noam_rate` over its peak. Vaswani et al. 2017."""

    warmup: int = 4000
    """T', positive; counted from 1."""

    def __post_init__(self) -> None:
        _check("warmup", self.warmup, 1, inf)

    def factor(self, t: int) -> float:
        """Return the factor."""
        return noam_rate(t + 1, 1, self.warmup) / noam_rate(self.warmup, 1, self.warmup)


@dataclass(frozen=True)
class WarmUp(Schedule):
    """t / T' for the updates t = 1 ... T', then another schedule. Chapter 7, section 7.2."""

    steps: int
    """T', positive; the chapter counts updates from 1, so the first has the factor 1 / T'."""
    then: Schedule | None = None
    """It begins when the rise ends; None stays at 1."""

    def __post_init__(self) -> None:
        _check("steps", self.steps, 1, inf)

    @property
    def end(self) -> float:
        """That of the schedule behind it."""
        return inf if self.then is None else self.then.end + self.steps - 1

    def factor(self, t: int) -> float:
        """Return the factor."""
        if t + 1 < self.steps or self.then is None:
            return min(1.0, (t + 1) / self.steps)
        return self.then(t - self.steps + 1)


@dataclass(frozen=True)
class Triangular(Schedule):
    """Up and down between two bounds that shrink from cycle to cycle. Smith 2017.

    Chapter 7, section 7.2 of the printed book: m = floor(1 + t / (2 dT)),
    b = |t / dT - 2 m + 1|, low_m + (high_m - low_m) max(0, 1 - b).
    """

    half_cycle: int
    """dT, positive."""
    low: float = 0.1
    """Lower bound in the first cycle, not negative."""
    high: float = 1.0
    """Upper bound in the first cycle, at least `low`."""
    decay: float = 1.0
    """Factor of both bounds from one cycle to the next, in (0, 1]."""

    def __post_init__(self) -> None:
        _check("half_cycle", self.half_cycle, 1, inf)
        _check_bounds(self.low, self.high, self.decay)

    def factor(self, t: int) -> float:
        """Return the factor."""
        m = floor(1 + t / (2 * self.half_cycle))
        b = abs(t / self.half_cycle - 2 * m + 1)
        return self.decay ** (m - 1) * (self.low + (self.high - self.low) * max(0.0, 1 - b))


@dataclass(frozen=True)
class WarmRestarts(Schedule):
    """Cosines, each `growth` times as long as the last, with peaks that shrink. SGDR.

    Chapter 7, section 7.2 of the printed book; Loshchilov & Hutter 2017:
    low_m + (high_m - low_m) (1 + cos(pi T_cur / dT_m)) / 2, dT_m = kappa dT_(m-1).
    """

    first: int
    """Length dT_1 of the first period, positive."""
    growth: float = 1.0
    """kappa, at least 1, not necessarily whole."""
    low: float = 0.0
    """Lower bound in the first period, not negative."""
    high: float = 1.0
    """Peak of the first period, at least `low`."""
    decay: float = 1.0
    """Factor of both bounds from one period to the next, in (0, 1]."""

    def __post_init__(self) -> None:
        _check("first", self.first, 1, inf)
        _check("growth", self.growth, 1, inf)
        _check_bounds(self.low, self.high, self.decay)

    def factor(self, t: int) -> float:
        """Return the factor."""
        period, since, scale = float(self.first), float(t), 1.0
        while since >= period:
            since -= period
            period *= self.growth
            scale *= self.decay
        wave = (1 + cos(pi * since / period)) / 2
        return scale * (self.low + (self.high - self.low) * wave)


@dataclass(frozen=True)
class Held(Schedule):
    """Another schedule that keeps its last value for ever. Chapter 7, section 7.2."""

    schedule: Schedule

    def factor(self, t: int) -> float:
        """Return the factor."""
        return self.schedule(t if t <= self.schedule.end else int(self.schedule.end))


def lambda_lr(optimizer: Optimizer, schedule: Schedule, last_update: int = -1) -> LambdaLR:
    """Return a PyTorch scheduler that gives update t the rate alpha_0 schedule(t).

    Call its `step()` after each `optimizer.step()`, but not after the last one of a schedule that
    ends.

    Args:
        optimizer: Its rates are alpha_0.
        schedule: Any.
        last_update: Index of the last update done, -1 before the first; above -1 the groups need
            "initial_lr", as PyTorch says.
    """
    return LambdaLR(optimizer, schedule, last_epoch=last_update)


def sb3_schedule(rate: float, schedule: Schedule, updates: int) -> Callable[[float], float]:
    """Return a `learning_rate` for Stable-Baselines3: a function of the progress remaining, 1 to 0.

    SB3 reads it once a call of `train()`, which for PPO is once a rollout: a rise of less than that
    is never seen.

    Args:
        rate: alpha_0, not negative.
        schedule: Any that is defined up to `updates`.
        updates: The t that stands for the end of training, positive.

    Raises:
        ValueError: If the rate is negative, or the schedule ends too early.
    """
    _check("rate", rate, 0, inf)
    _check("updates", updates, 1, schedule.end)

    def learning_rate(progress_remaining: float) -> float:
        done = min(max(1 - progress_remaining, 0.0), 1.0)  # the last rollout may overshoot
        return rate * schedule(round(done * updates))

    return learning_rate


def _check_bounds(low: float, high: float, decay: float) -> None:
    _check("low", low, 0, high)
    _check("high", high, low, inf)
    _check("decay", decay, 0, 1, low_allowed=False)


def _check(name: str, value: float, low: float, high: float, *, low_allowed: bool = True) -> None:
    inside = (low <= value if low_allowed else low < value) and value <= high
    if not isfinite(value) or not inside:
        interval = f"{'[' if low_allowed else '('}{low}, {high}]"
        raise ValueError(f"{name} of a schedule must be finite and in {interval}; got {value}")
