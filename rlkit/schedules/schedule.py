"""What every schedule is, and how one is read from what people write and files hold."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from itertools import pairwise
from numbers import Real
from typing import Any, ClassVar, Self, TypeVar

from rlkit.checks import finite, in_unit_interval, not_negative, whole
from rlkit.names import unknown
from rlkit.schedules.values import Parameters, value_at


@dataclass(frozen=True)
class Schedule:
    """A value that depends on the step or the visits; immutable. Chapter 7, section 7.2.

    Raises:
        ValueError: If a number is none or leaves its range; the message names the field.
    """

    by_visits: ClassVar[bool] = False
    """Whether visits count and not steps."""
    level_field: ClassVar[str] = "start"
    """The field of `level`."""
    kind: str = field(default="", init=False)
    """Its name in a dictionary."""

    def __post_init__(self) -> None:
        for entry in fields(self):
            value = getattr(self, entry.name)
            if entry.init and not (value is None and entry.default is None):
                name = f"{entry.name} of {_article(self.kind)} {self.kind} schedule"
                object.__setattr__(self, entry.name, CHECKS[entry.name](name, value))

    @property
    def level(self) -> float:
        """What it begins with, or rises to; 1 where that is left out."""
        value = getattr(self, self.level_field)
        return 1.0 if value is None else float(value)

    @property
    def peak(self) -> float:
        """The largest value it takes."""
        return self.level

    @property
    def end(self) -> float:
        """The last t for which `schedule(t)` is defined; infinite where it has none."""
        return math.inf

    @property
    def spans_learning(self) -> bool:
        """Whether it takes as long as the agent means to learn."""
        return False

    def at_level(self, level: float) -> Self:
        """Return it with this level, where its own was left out."""
        if getattr(self, self.level_field) is not None:
            return self
        given: dict[str, Any] = {self.level_field: level}
        return replace(self, **given)

    def __call__(self, t: int) -> float:
        """Return the value after t steps, or t visits.

        Raises:
            ValueError: If t is negative or past the end, or its length is not known.
        """
        if self.spans_learning:
            raise ValueError(f"{self!r} takes as long as an agent learns; alone it needs `steps`")
        if not 0 <= t <= self.end:
            hint = "; Held(schedule) keeps its last value" if t > self.end else ""
            raise ValueError(
                f"{type(self).__name__} is defined for t in [0, {self.end}], got t={t}{hint}"
            )
        return float(value_at(self.parameters(1), t, t + 1))

    def parameters(self, horizon: int, begin: int = 0) -> Parameters:
        """Return what `value_at` takes; it keeps the last value past the end.

        Args:
            horizon: Steps for which the agent means to learn.
            begin: The step at which these begin.
        """
        raise NotImplementedError


KINDS: dict[str, type[Schedule]] = {}
Kind = TypeVar("Kind", bound=type[Schedule])


def known(kind: Kind) -> Kind:
    """Let dictionaries name a kind of schedule."""
    KINDS[kind.kind] = kind
    return kind


def as_schedule(name: str, value: Any, level: float | None = None) -> Schedule:
    """Return the schedule that a user or a file means, for a value in [0, 1].

    Args:
        name: Of the hyper-parameter, for messages.
        value: A schedule; a number, which stays constant; or a dictionary with `kind` and its
            fields, as in `{"kind": "linear", "start": 0.3, "stop": 0.05}`.
        level: Taken where a schedule leaves its own out; None leaves it out.

    Raises:
        TypeError: If it is none of these, or a field is unknown or missing.
        ValueError: If it leaves [0, 1], or leaves out its level where that would be 0.
    """
    if not isinstance(value, bool) and isinstance(value, Real):
        value = KINDS["constant"](in_unit_interval(name, value))  # type: ignore[call-arg]
    if isinstance(value, dict) and "kind" in value:
        value = _from_dict(name, dict(value))
    if not isinstance(value, Schedule):
        raise TypeError(
            f"{name} must be a number in [0, 1], a schedule, or a dictionary such as "
            f"{{kind: linear, start: 0.3, stop: 0.05}}; got {value!r}"
        )
    if KINDS.get(value.kind) is not type(value):
        known_kinds = ", ".join(kind.__name__ for kind in KINDS.values())
        raise TypeError(
            f"{name}: files and compiled loops know no {type(value).__name__}; take one of "
            f"{known_kinds}"
        )
    return value if level is None else _settled(name, value, level)


def read_schedules(config: Any) -> None:
    """Make a schedule of every field of a frozen dataclass whose default is one.

    Raises:
        TypeError: If a value is none.
        ValueError: If a value leaves [0, 1].
    """
    for entry in fields(config):
        if isinstance(entry.default, Schedule):
            given, level = getattr(config, entry.name), entry.default.level
            object.__setattr__(config, entry.name, as_schedule(entry.name, given, level))


def _settled(name: str, schedule: Schedule, level: float) -> Schedule:
    """Return a schedule with no value left out."""
    try:
        settled = schedule.at_level(level)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None
    if settled != schedule and level == 0.0:
        raise ValueError(
            f"{name} is 0 by default, and so would be every multiple of it: give "
            f"{schedule.level_field} of the {schedule.kind} schedule"
        )
    if settled.peak > 1.0:
        raise ValueError(f"{name} must lie in [0, 1], but {settled!r} reaches {settled.peak:g}")
    return settled


def _from_dict(name: str, given: dict[str, Any]) -> Schedule:
    kind = given.pop("kind")
    spelled = str(kind).replace("_", "-")
    if spelled not in KINDS:
        raise TypeError(f"{name}: {unknown('kind of schedule', str(kind), list(KINDS))}")
    entries = [entry.name for entry in fields(KINDS[spelled]) if entry.init]
    for key in given:
        if key not in entries:
            raise TypeError(f"{name}: {unknown(f'field of a {spelled} schedule', key, entries)}")
    try:
        return KINDS[spelled](**given)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None
    except TypeError as error:
        needs = f"{_article(spelled)} {spelled} schedule needs {', '.join(entries)}"
        raise TypeError(f"{name}: {needs}: {error}") from None


def _article(word: str) -> str:
    return "an" if word[:1] in tuple("aeiou") else "a"


def _length(name: str, value: Any) -> int:
    return whole(name, value, 1)


def _rising(name: str, value: Any) -> tuple[int, ...]:
    steps = tuple(_length(name, step) for step in value)
    if any(after <= before for before, after in pairwise(steps)):
        raise ValueError(f"{name} must rise, got {list(steps)}")
    return steps


def _factors(name: str, value: Any) -> tuple[float, ...]:
    return tuple(not_negative(name, factor) for factor in value)


def _positive_share(name: str, value: Any) -> float:
    if not 0 < finite(name, value) <= 1:
        raise ValueError(f"{name} must lie in (0, 1], got {value}")
    return float(value)


def _growth(name: str, value: Any) -> float:
    if finite(name, value) < 1:
        raise ValueError(f"{name} must be at least 1, got {value}")
    return float(value)


def _by_steps(name: str, value: Any) -> Schedule:
    schedule = as_schedule(name, value)
    if schedule.by_visits:
        raise TypeError(f"{name} must go by steps; {schedule.kind} goes by visits")
    return schedule


CHECKS: dict[str, Callable[[str, Any], Any]] = {
    **dict.fromkeys(("value", "start", "stop"), in_unit_interval),
    **dict.fromkeys(("low", "high", "power", "offset", "beta"), not_negative),
    **dict.fromkeys(("steps", "warmup", "half_cycle", "first"), _length),
    **dict.fromkeys(("then", "schedule"), _by_steps),
    "boundaries": _rising,
    "factors": _factors,
    "decay": _positive_share,
    "growth": _growth,
}
"""What makes the value of each field of a schedule, or refuses it by its name."""
