"""Every constant of the driving scenarios as a named field with its unit and source.

The kernels read them from one record, `CONSTANTS`, whose fields have the names below.
"""

from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rlkit.envs.cabin.car.laws import DrivingLaws


@dataclass(frozen=True)
class RoadLaws:
    """How much the road asks of the driver; the classes and phases are those of the exact cabin."""

    standing_demand: float = 0.10
    """Demand of a standing car, in [0, 1] (assumption)."""
    city_demand: float = 0.25
    """Demand at `city_speed` with a free lane (assumption)."""
    motorway_demand: float = 0.30
    """Demand at `motorway_speed` with a free lane (assumption)."""
    city_speed: float = 13.9
    """Speed in the city [m/s] (50 km/h)."""
    motorway_speed: float = 33.3
    """Speed on the motorway [m/s] (120 km/h)."""
    following_demand: float = 0.20
    """Demand added by a leader close ahead (assumption)."""
    manoeuvre_demand: float = 0.50
    """Demand added by a lane change, merge or turn (assumption)."""
    far_headway: float = 2.5
    """Time headway from which a leader does not matter [s] (assumption)."""
    near_headway: float = 1.6
    """Time headway below which the driver follows closely [s] (assumption: where .35 s of slack,
    the exact cabin's margin, are left)."""
    far_collision: float = 8.0
    """Time to collision from which closing in does not matter [s] (assumption)."""
    near_collision: float = 3.0
    """Time to collision below which it counts as following closely [s] (assumption)."""
    city_margin: float = 0.90
    """Headway margin on a free lane in the city [s] (assumption)."""
    motorway_margin: float = 0.80
    """Headway margin on a free lane on the motorway [s] (assumption)."""
    braking: float = 7.0
    """Deceleration of leader and driver in an emergency [m/s2] (assumption)."""
    reaction: float = 1.25
    """Time to the brake when the leader brakes unannounced [s] (Green 2000)."""
    manoeuvre_margin: float = 0.15
    """Headway margin in a manoeuvre [s] (assumption)."""
    free_deviation: float = 0.40
    """Standard deviation of the margin on a free lane [s] (assumption)."""
    tight_deviation: float = 0.25
    """Standard deviation of the margin when following or in a manoeuvre [s] (assumption)."""


@dataclass(frozen=True)
class NoiseLaws:
    """What the microphone hears beside the road and open windows (`DrivingLaws`)."""

    fan_noise: float = 72.0
    """The fan at its highest level [dB(A)] (assumption, so that it brings a motorway to some 30 %
    of errors; the largest source after windows in SAE 2017-01-1864)."""
    fan_decay: float = 26.0
    """By how much the lowest level is quieter [dB(A)] (assumption)."""
    media_noise: float = 64.0
    """Music at the highest volume [dB(A)] (assumption)."""
    media_decay: float = 24.0
    """By how much the lowest volume is quieter [dB(A)] (assumption)."""
    rain_noise: float = 62.0
    """The heaviest rain [dB(A)] (assumption)."""
    rain_decay: float = 14.0
    """By how much the lightest rain is quieter [dB(A)] (assumption)."""


@dataclass(frozen=True)
class TimeLaws:
    """How long acts take, and how much they ask of the driver (AAA scale, 1 = driving only)."""

    speech_rate: float = 2.5
    """Words a second [1/s] (assumption)."""
    pause: float = 1.0
    """Pause before the driver answers [s] (assumption)."""
    loaded_pause: float = 1.0
    """What a high load residue adds to the pause [s] (assumption; pauses lengthen under load:
    Villing 2009)."""
    listening: float = 1.6
    """How long the car waits for an answer after the pause [s] (assumption)."""
    correction_seconds: float = 3.0
    """What a correction adds to an act [s] (assumption)."""
    command_seconds: float = 4.0
    """Executing or refusing a command, and saying so [s] (assumption)."""
    quiet_seconds: float = 3.0
    """Quieting the cabin [s] (assumption)."""
    hand_over_seconds: float = 2.0
    """Putting the matter on the screen [s] (assumption)."""
    wait_seconds: float = 1.0
    """One act of waiting [s]."""
    telling_demand: float = 1.2
    """Demand of listening only (AAA: radio 1.21)."""
    yes_no_demand: float = 1.7
    """Demand of a yes/no answer (AAA)."""
    answer_demand: float = 2.3
    """Demand of a short answer (AAA: hands-free phone 2.27)."""
    choice_demand: float = 3.0
    """Demand of choosing from a list or correcting a mishearing (AAA: 3 and more)."""


@dataclass(frozen=True)
class WishLaws:
    """What drivers want in a car, and what they make of the assistant."""

    most_errands: float = 3.0
    """Errands of a drive, at most; from 1 on all numbers are equally likely (assumption)."""
    impossible: float = 0.10
    """Probability that a wish cannot be met: no such place, no such feature (assumption)."""
    one_constraint: float = 0.20
    """Probability that a place is wanted with a single constraint (KVRET: 2.0 on average)."""
    three_constraints: float = 0.20
    """Probability of three constraints (KVRET)."""
    no_question: float = 0.20
    """Probability that nothing is asked about the place (KVRET: 1.1 questions on average)."""
    two_questions: float = 0.30
    """Probability of two questions (KVRET)."""
    farewell: float = 0.25
    """Probability of a good-bye after the last errand; others just stop talking (KVRET: 3.3
    exchanges in all)."""
    urgent_rate: float = 0.003
    """Rate at which something urgent comes up [1/s] (assumption)."""
    unasked_rate: float = 0.25
    """Rate at which a driver who has something to say speaks unasked [1/s] (assumption)."""
    silent_impatience: float = 0.5
    """Probability that patience is lost over an unanswered question (assumption)."""
    busy_demand: float = 0.70
    """Road demand above which a question comes at a bad moment (assumption)."""
    mood_misheard: float = 0.10
    """Mood lost over a misheard word, in [0, 1] (assumption)."""
    mood_wrong: float = 0.30
    """Mood lost over a wrong command (assumption)."""
    mood_bad_moment: float = 0.05
    """Mood lost over a question at a bad moment (assumption)."""


@dataclass(frozen=True)
class CabinConfig:
    """The constants of the driving scenarios."""

    laws: DrivingLaws = field(default_factory=DrivingLaws)
    road: RoadLaws = field(default_factory=RoadLaws)
    noise: NoiseLaws = field(default_factory=NoiseLaws)
    time: TimeLaws = field(default_factory=TimeLaws)
    wishes: WishLaws = field(default_factory=WishLaws)

    def record(self) -> NDArray[Any]:
        """Return the constants as the kernels read them, `(1,)` of `CONSTANTS`."""
        constants = np.zeros(1, CONSTANTS)
        for group in (self.laws, self.road, self.noise, self.time, self.wishes):
            for constant in fields(group):
                constants[constant.name] = getattr(group, constant.name)
        return constants


CONSTANTS = np.dtype(
    [
        (constant.name, "f8")
        for group in (DrivingLaws, RoadLaws, NoiseLaws, TimeLaws, WishLaws)
        for constant in fields(group)
    ]
)
