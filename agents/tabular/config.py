"""Hyper-parameters that all tabular learners share."""

from dataclasses import dataclass

from rlkit.checks import finite, flag, in_unit_interval, not_negative, whole
from rlkit.schedules import Linear, Polynomial, Schedule, read_schedules


@dataclass(frozen=True)
class TabularConfig:
    """Hyper-parameters of a tabular learner.

    A schedule may be given as a number, as an object of `rlkit.schedules`, or as a
    dictionary such as `{"kind": "linear", "start": 0.3, "stop": 0.05}`.

    Raises:
        ValueError: If a number or a schedule leaves its range.
        TypeError: If what should be a schedule is none.
    """

    learning_rate: Schedule = Polynomial(power=0.8)  # noqa: RUF009 - immutable
    """Step size in [0, 1], by visits n(s, a). Powers from .5 to 1 converge; a constant one never
    settles where rewards are noisy."""
    epsilon: Schedule = Linear(0.3, 0.05)  # noqa: RUF009 - immutable
    """Probability of exploring, in [0, 1]."""
    count_bonus: float = 0.0
    """Not negative: where it does not explore, the agent takes the largest
    Q(s, a) + count_bonus / sqrt(n(s, a)), so it comes back to what it has tried little."""
    initial_value: float = 0.0
    """Every entry of the table at first; a high one makes the agent try everything."""
    discount: float | None = None
    """In [0, 1]; None takes the environment's own, or .99."""
    horizon: int | None = None
    """Steps that schedules without a length take; None takes those of each `learn`."""
    compiled: bool = True
    """Whether to run compiled where the environment has an exact model."""

    def __post_init__(self) -> None:
        read_schedules(self)
        if self.discount is not None:
            in_unit_interval("discount", self.discount)
        not_negative("count_bonus", self.count_bonus)
        finite("initial_value", self.initial_value)
        if self.horizon is not None:
            whole("horizon", self.horizon, 1)
        flag("compiled", self.compiled)
