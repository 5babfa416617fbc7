"""What the assistant sees beside its beliefs: clock, command, cabin and road, in [0, 1]."""

from rlkit.compiled import shared
from rlkit.envs.cabin.car import laws
from rlkit.envs.cabin.car.vehicle import NEEDS_CONFIRMATION, UNSAFE, strength
from rlkit.envs.cabin.ontology.domain import Domain
from rlkit.envs.cabin.roads.rows import MANOEUVRES, ROADS
from rlkit.envs.cabin.state.record import Seat
from rlkit.envs.cabin.state.tables import Record

LONGEST, MOST_TASKS, FASTEST, LONGEST_HEADWAY, LONGEST_COLLISION = 300.0, 4.0, 50.0, 5.0, 10.0
"""What counts as 1: seconds of dialogue, tasks, speed [m/s], headway and time to collision [s]."""
QUIETEST, LOUDEST = 40.0, 90.0
"""Noise that counts as 0 and as 1 [dB(A)]."""
STRONGEST = 5.0
"""Acceleration that counts as 1, and braking that counts as 0 [m/s2]."""

NAMES = (
    "dialogue/turns",
    "dialogue/seconds",
    "dialogue/silent",
    "dialogue/unheard",
    "dialogue/tasks",
    "command/ready",
    "command/lacking",
    "command/unsafe",
    "command/needs_confirmation",
    "command/asked",
    "cabin/quieted",
    "cabin/noise",
    "cabin/error_rate",
    "driver/load",
    "road/demand",
    "road/speed",
    "road/acceleration",
    "road/headway",
    "road/time_to_collision",
    "road/rain",
    *(f"road/class={name}" for name in ROADS),
    *(f"road/manoeuvre={name.replace(' ', '_')}" for name in MANOEUVRES),
)


def car_feature_names(domain: Domain) -> list[str]:
    """Return the name of every feature that `write_car_features` writes, in order."""
    return [*NAMES, *(f"signal/{signal.path}" for signal in domain.signals)]


@shared
def write_car_features(seat: Seat, moment: Record) -> None:
    """Write the features behind the beliefs."""
    tables, rules, dialogue = seat.tables, seat.rules, seat.dialogue
    features, car = seat.features, seat.car
    out = features[rules.car :]
    out[0] = min(dialogue.turn / rules.max_turns, 1.0)
    out[1] = min(dialogue.seconds / LONGEST, 1.0)
    out[2] = 1.0 if car.silent else 0.0
    out[3] = dialogue.null_confidence
    out[4] = min(car.tasks / MOST_TASKS, 1.0)
    out[5] = 1.0 if car.ready else 0.0
    out[6] = 1.0 if car.lacking else 0.0
    out[7] = 1.0 if car.safety == UNSAFE else 0.0
    out[8] = 1.0 if car.safety == NEEDS_CONFIRMATION else 0.0
    out[9] = 1.0 if car.asked != 0 else 0.0
    out[10] = 1.0 if car.quieted else 0.0
    out[11] = laws.fraction(car.noise, QUIETEST, LOUDEST)
    out[12] = dialogue.error_rate
    out[13] = car.load
    out[14] = car.demand
    out[15] = laws.fraction(moment.speed, 0.0, FASTEST)
    out[16] = laws.fraction(moment.acceleration, -STRONGEST, STRONGEST)
    out[17] = laws.fraction(moment.headway, 0.0, LONGEST_HEADWAY)
    out[18] = laws.fraction(moment.time_to_collision, 0.0, LONGEST_COLLISION)
    out[19] = moment.rain
    place = 20
    for road in range(len(ROADS)):
        out[place + road] = 1.0 if moment.road == road else 0.0
    place += len(ROADS)
    for manoeuvre in range(len(MANOEUVRES)):
        out[place + manoeuvre] = 1.0 if moment.manoeuvre == manoeuvre else 0.0
    place += len(MANOEUVRES)
    for signal in range(len(tables.signals)):
        out[place + signal] = strength(tables, car, signal)
