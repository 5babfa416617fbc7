"""The shapes of chapter 7, section 7.2: decay, warm-up, cycles and restarts, over steps.

t counts from 0: updates of an optimizer, or steps of an agent. Where `start`, alpha_0, is left out
it is 1, so that `schedule(t)` is the chapter's factor; in an agent it is what the agent's default
begins with. (PyTorch's schedulers are recursive, so they drift when a run resumes, and its cosine
climbs again after its end.)
"""

import math
from dataclasses import dataclass, field, replace
from typing import Self

import numpy as np

from rlkit.elementary import log
from rlkit.schedules.schedule import Schedule, known
from rlkit.schedules.values import (
    CONSTANT,
    COSINE,
    EXPONENTIAL,
    HYPERBOLA,
    RESTARTS,
    ROOT,
    STAIRS,
    TRIANGLES,
    Parameters,
)


@known
@dataclass(frozen=True)
class PiecewiseConstant(Schedule):
    """beta_i times alpha_0 from update T_i on. Chapter 7, section 7.2."""

    boundaries: tuple[int, ...]
    """T_1 < T_2 < ..., positive."""
    factors: tuple[float, ...]
    """beta_1, beta_2, ..., not negative."""
    start: float | None = None
    """alpha_0, in [0, 1]."""
    kind: str = field(default="piecewise-constant", init=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        if len(self.boundaries) != len(self.factors):
            raise ValueError(
                f"boundaries have one factor each, got {self.boundaries} and {self.factors}"
            )

    @property
    def peak(self) -> float:
        """alpha_0 times the largest factor."""
        return self.level * max(1.0, *self.factors)

    def parameters(self, horizon: int, begin: int = 0) -> Parameters:
        """Return what `value_at` takes."""
        del horizon, begin
        stairs = np.array([self.boundaries, self.factors], float).T.ravel()
        return Parameters(STAIRS, self.level, table=stairs)


@known
@dataclass(frozen=True)
class InverseTime(Schedule):
    """alpha_0 / (1 + beta t). Chapter 7, section 7.2."""

    beta: float
    """How fast it falls, not negative."""
    start: float | None = None
    """alpha_0, in [0, 1]."""
    kind: str = field(default="inverse-time", init=False)

    def parameters(self, horizon: int, begin: int = 0) -> Parameters:
        """Return what `value_at` takes."""
        del horizon, begin
        return Parameters(HYPERBOLA, self.level, power=self.beta)


@known
@dataclass(frozen=True)
class Exponential(Schedule):
    """alpha_0 beta^t. Chapter 7, section 7.2."""

    beta: float = 0.96
    """In (0, 1]; .96 is the chapter's example, for this form alone."""
    start: float | None = None
    """alpha_0, in [0, 1]."""
    kind: str = field(default="exponential", init=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 < self.beta <= 1:
            raise ValueError(f"beta of an exponential schedule must lie in (0, 1], got {self.beta}")

    def parameters(self, horizon: int, begin: int = 0) -> Parameters:
        """Return what `value_at` takes."""
        del horizon, begin
        return Parameters(EXPONENTIAL, self.level, power=-log(self.beta))


@known
@dataclass(frozen=True)
class NaturalExponential(Schedule):
    """alpha_0 exp(-beta t). Chapter 7, section 7.2."""

    beta: float
    """How fast it falls, not negative."""
    start: float | None = None
    """alpha_0, in [0, 1]."""
    kind: str = field(default="natural-exponential", init=False)

    def parameters(self, horizon: int, begin: int = 0) -> Parameters:
        """Return what `value_at` takes."""
        del horizon, begin
        return Parameters(EXPONENTIAL, self.level, power=self.beta)


@known
@dataclass(frozen=True)
class Cosine(Schedule):
    """stop + (alpha_0 - stop) (1 + cos(pi t / T)) / 2, to its end T. Chapter 7, section 7.2."""

    steps: int | None = None
    """T, positive; None takes as long as an agent means to learn."""
    start: float | None = None
    """alpha_0, in [0, 1]."""
    stop: float = 0.0
    """Value at T, in [0, 1]."""
    kind: str = field(default="cosine", init=False)

    @property
    def peak(self) -> float:
        """The higher end."""
        return max(self.level, self.stop)

    @property
    def end(self) -> float:
        """T."""
        return math.inf if self.steps is None else self.steps

    @property
    def spans_learning(self) -> bool:
        """Whether it has no length of its own."""
        return self.steps is None

    def parameters(self, horizon: int, begin: int = 0) -> Parameters:
        """Return what `value_at` takes."""
        extent, begin = (horizon, begin) if self.steps is None else (self.steps, 0)
        return Parameters(COSINE, self.level, self.stop, float(extent), begin=float(begin))


@known
@dataclass(frozen=True)
class Noam(Schedule):
    """alpha_0 sqrt(T'/t) after a linear rise to T': `noam_rate` over its peak. Vaswani et al. 2017.

    Like `WarmUp` it counts updates from 1.
    """

    warmup: int = 4000
    """T', positive."""
    start: float | None = None
    """alpha_0 at the peak, in [0, 1]."""
    kind: str = field(default="noam", init=False)

    def parameters(self, horizon: int, begin: int = 0) -> Parameters:
        """Return what `value_at` takes."""
        del horizon, begin
        length = float(self.warmup)
        return Parameters(ROOT, self.level, extent=length, rise=length)


@known
@dataclass(frozen=True)
class WarmUp(Schedule):
    """alpha_0 t / T' for updates t = 1 ... T', then another schedule. Chapter 7, section 7.2."""

    steps: int
    """T', positive; the chapter counts updates from 1, so the first has the factor 1 / T'."""
    then: Schedule | None = None
    """It begins when the rise ends, and says alpha_0; None stays there."""
    start: float | None = None
    """alpha_0, in [0, 1], where nothing follows or what follows leaves it out."""
    kind: str = field(default="warm-up", init=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.then is None:
            return
        if self.then.parameters(1).rise:
            raise ValueError("a warm-up goes before a schedule that has none of its own")
        then = self.then if self.start is None else self.then.at_level(self.start)
        if self.start not in {None, then.level}:
            raise ValueError(
                f"a warm-up rises to the start of what follows, {then.level}, not to {self.start}"
            )
        object.__setattr__(self, "then", then)
        object.__setattr__(self, "start", None)

    @property
    def level(self) -> float:
        """What it rises to."""
        return super().level if self.then is None else self.then.level

    @property
    def peak(self) -> float:
        """The larger of what it rises to and what follows."""
        return super().level if self.then is None else self.then.peak

    @property
    def end(self) -> float:
        """That of the schedule behind it."""
        return math.inf if self.then is None else self.then.end + self.steps - 1

    @property
    def spans_learning(self) -> bool:
        """Whether the schedule behind it does."""
        return self.then is not None and self.then.spans_learning

    def at_level(self, level: float) -> Self:
        """Return it with this level, where its own was left out."""
        if self.then is None:
            return super().at_level(level)
        return replace(self, then=self.then.at_level(level))

    def parameters(self, horizon: int, begin: int = 0) -> Parameters:
        """Return what `value_at` takes."""
        rise = float(self.steps)
        if self.then is None:
            return Parameters(CONSTANT, self.level, rise=rise)
        return self.then.parameters(max(horizon - self.steps + 1, 1), begin)._replace(rise=rise)


class Cyclic(Schedule):
    """Cycles between two bounds, each a factor of the level, that shrink from one to the next."""

    low: float
    """Lower bound in the first cycle, in [0, high]."""
    high: float
    """Upper bound in the first cycle."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.low > self.high:
            raise ValueError(
                f"low of a {self.kind} schedule must lie in [0, high], "
                f"got {self.low} and {self.high}"
            )

    @property
    def peak(self) -> float:
        """The upper bound in the first cycle."""
        return self.level * self.high

    def at_level(self, level: float) -> Self:
        """Return it with this level, where its own was left out.

        Raises:
            ValueError: If it was left out and the bounds were perhaps meant as values.
        """
        if getattr(self, self.level_field) is None and self.high != 1.0:
            raise ValueError(
                f"low and high of a {self.kind} schedule are factors of start, which is missing: "
                "give it, as 1 if they are values"
            )
        return super().at_level(level)


@known
@dataclass(frozen=True)
class Triangular(Cyclic):
    """Up and down between two bounds that shrink from cycle to cycle. Smith 2017.

    Chapter 7, section 7.2 of the printed book: m = floor(1 + t / (2 dT)),
    b = |t / dT - 2 m + 1|, low_m + (high_m - low_m) max(0, 1 - b).
    """

    half_cycle: int
    """dT, positive."""
    low: float = 0.1
    """Lower bound in the first cycle, a factor of alpha_0 in [0, high]."""
    high: float = 1.0
    """Upper bound in the first cycle, a factor of alpha_0."""
    decay: float = 1.0
    """Factor of both bounds from one cycle to the next, in (0, 1]."""
    start: float | None = None
    """alpha_0, in [0, 1]."""
    kind: str = field(default="triangular", init=False)

    def parameters(self, horizon: int, begin: int = 0) -> Parameters:
        """Return what `value_at` takes."""
        del horizon, begin
        bounds = self.level * self.high, self.level * self.low
        return Parameters(TRIANGLES, *bounds, float(self.half_cycle), self.decay)


@known
@dataclass(frozen=True)
class WarmRestarts(Cyclic):
    """Cosines, each `growth` times as long as the last, with peaks that shrink. SGDR.

    Chapter 7, section 7.2 of the printed book; Loshchilov & Hutter 2017:
    low_m + (high_m - low_m) (1 + cos(pi T_cur / dT_m)) / 2, dT_m = kappa dT_(m-1).
    """

    first: int
    """Length dT_1 of the first period, positive."""
    growth: float = 1.0
    """kappa, at least 1, not necessarily whole."""
    low: float = 0.0
    """Lower bound in the first period, a factor of alpha_0 in [0, high]."""
    high: float = 1.0
    """Peak of the first period, a factor of alpha_0."""
    decay: float = 1.0
    """Factor of both bounds from one period to the next, in (0, 1]."""
    start: float | None = None
    """alpha_0, in [0, 1]."""
    kind: str = field(default="warm-restarts", init=False)

    def parameters(self, horizon: int, begin: int = 0) -> Parameters:
        """Return what `value_at` takes."""
        del horizon, begin
        bounds, extent = (self.level * self.high, self.level * self.low), float(self.first)
        return Parameters(RESTARTS, *bounds, extent, self.decay, growth=self.growth)


@known
@dataclass(frozen=True)
class Held(Schedule):
    """Another schedule that keeps its last value, as all do in agents. Chapter 7, section 7.2."""

    schedule: Schedule
    kind: str = field(default="held", init=False)

    @property
    def level(self) -> float:
        """That of the schedule."""
        return self.schedule.level

    @property
    def peak(self) -> float:
        """That of the schedule."""
        return self.schedule.peak

    @property
    def spans_learning(self) -> bool:
        """Whether the schedule does."""
        return self.schedule.spans_learning

    def at_level(self, level: float) -> Self:
        """Return it with this level, where its own was left out."""
        return replace(self, schedule=self.schedule.at_level(level))

    def parameters(self, horizon: int, begin: int = 0) -> Parameters:
        """Return what `value_at` takes."""
        return self.schedule.parameters(horizon, begin)
