"""Hyper-parameters that all deep learners share."""

from dataclasses import dataclass, field, fields
from numbers import Real
from typing import Any, ClassVar

from rlkit.checks import flag, whole
from rlkit.schedules.basic import Constant
from rlkit.schedules.schedule import Schedule, read_schedules


@dataclass(frozen=True)
class DeepConfig:
    """Hyper-parameters of a deep learner.

    A schedule may be given as a number, as an object of `rlkit.schedules`, or as a dictionary
    such as `{"kind": "linear", "start": 0.001, "stop": 0.0}`. It goes by the steps of the agent.

    Raises:
        ValueError: If a number or a schedule leaves its range.
        TypeError: If a schedule is none, or goes by visits.
    """

    learning_rate: Schedule = Constant(3e-4)  # noqa: RUF009 - immutable
    """Step size of the optimizer, a schedule of the absolute step."""
    optimizer: str = "adam"
    """Of the gradient steps: a name of `rlkit.nets.optimizer_names()`."""
    discount: float | None = None
    """In [0, 1]; None takes the environment's own, or .99."""
    num_envs: int = 1
    """Environments side by side, where the agent makes them itself from an id."""
    core: Any = "mlp"
    """The network's core: a name of `rlkit.nets.core_names()`, or a factory."""
    core_defaults: ClassVar[dict[str, dict[str, Any]]] = {}
    """Keyword arguments of a core, by its name, unless `core_settings` say otherwise."""
    core_settings: dict[str, Any] = field(default_factory=dict)
    """Keyword arguments of the core, such as `{"hidden": [64, 64]}`."""
    max_gradient_norm: float | None = 0.5
    """Longer gradients are shortened to this; None leaves them."""
    device: str = "auto"
    """"cpu", "cuda", or "auto": a GPU for networks of a million parameters on, if there is one."""
    threads: int = 1
    """Of torch and of linear algebra while it learns. One is fastest for small networks: more wait
    for each other."""
    compiled: bool = True
    """Whether small MLPs on the CPU act and learn without torch, which is faster there; the same
    but for rounding."""
    horizon: int | None = None
    """Steps that schedules without a length take; None takes those of each `learn`."""

    def __post_init__(self) -> None:
        read_schedules(self)
        for entry in fields(self):
            check_steps(entry.name, getattr(self, entry.name))
        self._check_names()
        if self.discount is not None:
            check_range(self, "discount", 0.0, 1.0)
        if self.max_gradient_norm is not None:
            check_range(self, "max_gradient_norm", 0.0)
        check_counts(self, "num_envs", "threads")
        check_flags(self, "compiled")
        if self.horizon is not None:
            check_counts(self, "horizon")

    def _check_names(self) -> None:
        """Raise a TypeError where what must be a name, or settings by name, is something else."""
        allowed = {
            "optimizer": isinstance(self.optimizer, str),
            "device": isinstance(self.device, str),
            "core": isinstance(self.core, str) or callable(self.core),
            "core_settings": isinstance(self.core_settings, dict),
        }
        for name, fits in allowed.items():
            if not fits:
                wanted = "a dictionary" if name == "core_settings" else "a name"
                raise TypeError(f"{name} must be {wanted}, got {getattr(self, name)!r}")


def check_steps(name: str, value: Any) -> None:
    """Raise a TypeError for a schedule that goes by visits, which a deep agent does not count."""
    if isinstance(value, Schedule) and value.by_visits:
        raise TypeError(
            f"{name}: a schedule of kind {value.kind} goes by visits, which only tabular agents "
            "count. Take one that goes by steps, such as {kind: linear, start: "
            f"{value.level:g}, stop: 0.0}} or {{kind: inverse-time, beta: 0.001}}"
        )


def check_range(config: Any, name: str, low: float, high: float = float("inf")) -> None:
    """Raise a ValueError unless it is a number in [low, high]."""
    value = getattr(config, name)
    number = isinstance(value, Real) and not isinstance(value, bool)
    if not number or not low <= value <= high:
        raise ValueError(f"{name} must lie in [{low:g}, {high:g}], got {value!r}")


def check_counts(config: Any, *names: str) -> None:
    """Raise a ValueError unless each is a whole number from 1 on."""
    for name in names:
        whole(name, getattr(config, name), 1)


def check_flags(config: Any, *names: str) -> None:
    """Raise a ValueError unless each is True or False."""
    for name in names:
        flag(name, getattr(config, name))
