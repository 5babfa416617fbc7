"""Every constant of the exact cabin as a named field."""

from dataclasses import dataclass, field

from rlkit.checks import in_unit_interval
from rlkit.envs.cabin.car.laws import DrivingLaws

ROADS = ("ck", "cf", "cm", "mk", "mf", "mm")
"""City and motorway, each keeping its lane, following closely, or in a manoeuvre."""
LEVELS = ("quiet", "mid", "loud")


@dataclass(frozen=True)
class Weights:
    """Reward of each term; time and risk are paid by the second."""

    time: float = -0.2
    """A second, so that a turn of five seconds costs 1 as in PyDial [1/s]."""
    risk: float = -2.5
    """A second at risk [1/s] (assumption)."""
    wait: float = 0.0
    """A wait, beside its second (assumption)."""
    success: float = 20.0
    """The right command (PyDial)."""
    wrong: float = -8.0
    """A wrong command, or a refusal that was not justified (assumption)."""
    unsafe: float = -10.0
    """A guarded command on the motorway (assumption)."""
    refusal: float = 10.0
    """A justified refusal (assumption)."""
    break_off: float = -5.0
    """The driver gives up (assumption)."""
    hand_over: float = 4.0
    """Put on the screen for later (assumption)."""
    quiet: float = -1.0
    """Closing the window that the driver had opened (assumption)."""


@dataclass(frozen=True)
class Road:
    """Rates of the road's phases [1/s] (assumption): one step a second."""

    follow: tuple[float, float] = (1 / 20, 1 / 25)
    """From keeping the lane to following closely; city, motorway."""
    unfollow: tuple[float, float] = (1 / 8, 1 / 10)
    """From following closely to keeping the lane; city, motorway."""
    manoeuvre: tuple[float, float] = (1 / 25, 1 / 40)
    """From either to a manoeuvre; city, motorway."""
    manoeuvre_seconds: float = 6.0
    """Mean length of a manoeuvre [s]."""
    change_class: float = 0.10
    """Probability that a manoeuvre leads to the other class of road."""
    demand: tuple[float, ...] = (0.25, 0.45, 0.75, 0.30, 0.50, 0.80)
    """Demand of driving in each phase of `ROADS`, in [0, 1]."""
    margin: tuple[float, ...] = (0.90, 0.35, 0.15, 0.80, 0.35, 0.15)
    """Mean headway margin in each phase [s]."""
    margin_deviation: tuple[float, ...] = (0.40, 0.25, 0.25, 0.40, 0.25, 0.25)
    """Its standard deviation [s]."""


@dataclass(frozen=True)
class Act:
    """How long an act takes and what it demands of the driver."""

    seconds: int
    """Duration [s]."""
    demand: float
    """Dialogue demand on the AAA scale (1 = driving only)."""
    slower: int = 0
    """Extra duration while the load is high [s]."""


@dataclass(frozen=True)
class TabularCabinConfig:
    """The exact cabin: its laws, its road, its driver, its acts and its reward.

    Raises:
        ValueError: If a probability leaves [0, 1] or the number of slots is not 2 or 3.
    """

    slots: int = 2
    """Slots of a command: *what* and one value (8,640 states), or two values (69,120)."""
    discount: float = 0.99
    """Per decision."""
    speeds: tuple[float, float] = (13.9, 33.3)
    """City and motorway [m/s]."""
    patience: int = 3
    """Levels of patience; a driver starts with one of the two highest."""
    extra_slot: float = 0.45
    """An answer brings another unknown slot too (mean of PyDial's InformCombination)."""
    lose_patience: float = 0.5
    """Patience falls when nothing was answered, or a *no* was needed (assumption)."""
    lose_patience_yes: float = 0.05
    """Patience falls at a confirmation that was right (assumption)."""
    restate: float = 0.8
    """After *no* the driver says the value again (assumption)."""
    yes_no_loss: float = 0.5
    """Part of the error rate at which a yes or no is lost (assumption)."""
    guarded: float = 0.15
    """Probability that a command is guarded: unsafe at motorway speed (assumption)."""
    correction: Act = Act(3, 3.0)
    """A correction by the driver, added to the act that needed it."""
    request: Act = Act(5, 2.3, slower=1)
    """Asking for a slot, with the answer."""
    confirm: Act = Act(3, 1.7, slower=1)
    """Asking for yes or no."""
    execute: Act = Act(4, 1.2)
    """Carrying the command out, and saying so."""
    refuse: Act = Act(4, 1.2)
    """Saying that it cannot be done now."""
    quiet: Act = Act(3, 1.2)
    """Closing the window."""
    wait: Act = Act(1, 1.0)
    """Saying nothing for a second."""
    hand_over: Act = Act(2, 1.2)
    """Putting it on the screen."""
    nonsense: Act = Act(2, 1.2)
    """Whatever an illegal act makes the car say."""
    sure_given: tuple[tuple[float, float], ...] | None = None
    """P(sure | right), P(sure | wrong) at each noise level; None takes them from the laws."""
    laws: DrivingLaws = field(default_factory=DrivingLaws)
    """Noise, hearing, answering and risk."""
    road: Road = field(default_factory=Road)
    """The traffic."""
    weights: Weights = field(default_factory=Weights)
    """The reward."""

    def __post_init__(self) -> None:
        if self.slots not in {2, 3}:
            raise ValueError(f"the exact cabin has 2 or 3 slots, got {self.slots}")
        if self.patience < 2:
            raise ValueError(f"patience needs at least 2 levels, got {self.patience}")
        for name in (
            "extra_slot",
            "lose_patience",
            "lose_patience_yes",
            "restate",
            "yes_no_loss",
            "guarded",
            "discount",
        ):
            in_unit_interval(name, getattr(self, name))
