"""The state of the simulator: documented arrays, one row an environment.

What every ontology has lies in one record, which a kernel passes on as a single pointer; the
parts whose length the ontology sets lie beside it. The random key and counter are in the record,
so that a copy of a state resumes the exact trajectory.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rlkit.envs.cabin.state.acts import ACT_WIDTH, MAX_ITEMS
from rlkit.envs.cabin.state.reward import REWARD_TERMS
from rlkit.envs.cabin.state.tables import MAX_SIGNALS, MAX_SLOTS, Features, Record, Tables, Words
from rlkit.envs.cabin.state.temper import PROBABILITIES

AGENDA_SIZE = 40
MAX_REQUESTS = 24
MAX_USED = 32
N_BEST = 5

# Rows of `State.rows`, sets of data-base rows held as bits.
OFFERED, EXCLUDED, MATCHING = 0, 1, 2
"""Offered since the last "no venue"; ruled out by the driver; matching the accepted values."""

METHODS = ("none", "byconstraints", "byname", "finished", "byalternatives", "restart")
NONE, BYCONSTRAINTS, BYNAME, FINISHED, BYALTERNATIVES, RESTART = range(6)
DISCOURSE = ("ack", "hello", "none", "repeat", "silence", "thankyou")
DISCOURSE_ACK, DISCOURSE_HELLO, DISCOURSE_NONE, DISCOURSE_REPEAT, SILENCE, DISCOURSE_THANKYOU = (
    range(6)
)

DIALOGUE = np.dtype(
    [
        # Random numbers
        ("key", "u8"),  # of this environment's stream
        ("counter", "u8"),  # of the next draw
        # Episode
        ("table", "i4"),  # of confusions: which of `Tables.rules`
        ("turn", "i4"),  # turns so far
        ("ended", "?"),  # the episode is over
        ("terminated", "?"),
        ("truncated", "?"),
        ("success", "?"),
        ("illegal", "?"),  # the last action was masked
        ("by_rules", "?"),  # PyDial's rules would have taken it, and it means what they mean
        ("action", "i4"),  # last action, -1 after a reset
        ("seconds", "f4"),  # simulated time of the episode [s]
        ("risk", "f4"),  # seconds at risk of the episode [s]
        ("mood", "f4"),  # of the driver, in [0, 1]
        ("events", "f8", (len(REWARD_TERMS),)),  # of the last step: how often, or how much
        ("reward", "f8"),  # for them
        ("terms", "f4", (len(REWARD_TERMS),)),  # its parts
        # The last exchange, acts as laid out in `state.acts`
        ("system", "i2", (ACT_WIDTH,)),
        ("said", "i2", (ACT_WIDTH,)),
        ("draft", "i2", (ACT_WIDTH,)),  # work space
        ("heard", "i2", (N_BEST, ACT_WIDTH)),  # hypotheses, the most likely one first
        # Driver
        ("goal", "i2", (MAX_SLOTS,)),  # a value, DONTCARE, or NO_VALUE for no constraint
        ("corrected", "?"),  # the driver's last act corrects the assistant
        ("behaviour", "f4", (len(PROBABILITIES),)),  # drawn for this dialogue
        ("patience", "i2"),
        ("patience_start", "i2"),
        ("gave_up", "i2"),  # 0 no, 1 at a correction, 2 out of patience
        ("choosing", "?"),  # no consistent offer has been made yet
        ("accepted_venue", "i4"),  # row that became part of the goal, or -1
        ("excludes", "?"),  # some venue is ruled out
        ("known_venue", "i4"),  # row held as the answer to "which one", or -1
        ("requests", "i2", (MAX_REQUESTS,)),  # slots the driver wants to know, in order
        ("request_count", "i2"),
        ("answered", "u8"),  # bit r: request r has an answer
        ("used_slots", "i2", (MAX_USED,)),  # values the goal has had: slot ...
        ("used_values", "i4", (MAX_USED,)),  # ... and value
        ("used_count", "i2"),
        ("agenda_acts", "i1", (AGENDA_SIZE,)),  # stack of single-item acts, top last
        ("agenda_slots", "i2", (AGENDA_SIZE,)),
        ("agenda_values", "i2", (AGENDA_SIZE,)),
        ("agenda_size", "i2"),
        # Channel
        ("heard_count", "i2"),  # hypotheses
        ("confidence", "f8", (N_BEST,)),  # of each
        ("null_confidence", "f8"),
        ("error_rate", "f8"),  # probability that an act is misheard
        # Assistant
        ("relevant", "u8"),  # bit s: slot s belongs to what the dialogue is about
        ("best", "i2", (MAX_SLOTS + 1, 2)),  # two most believed values, NONE left out
        ("told_count", "i2", (N_BEST,)),  # what each hypothesis says: items,
        ("told_slots", "i2", (N_BEST, MAX_ITEMS + 1)),  # their slots, NO_SLOT for nothing,
        ("told_values", "i2", (N_BEST, MAX_ITEMS + 1)),  # and values
        ("evidence", "f4", (MAX_SLOTS + 1,)),  # mass that the last turn gave each slot
        ("method_evidence", "f4", (len(METHODS),)),  # and each method
        ("last_offered", "i4"),  # row, or -1
        ("offer_made", "?"),  # in this dialogue
        ("last_was_no_venue", "?"),
        ("last_was_offer", "?"),
        ("alternatives_asked", "?"),  # since the last inform_alternatives
        ("last_act", "u8"),  # fingerprint of the last system act
        ("method", "i2"),  # index into METHODS
        ("accepted", "i2"),  # accepted slots
        ("constrained", "i2"),  # accepted slots other than dontcare
        ("matches", "i4"),  # rows matching the accepted values
        ("first_match", "i4"),  # row, or -1
        ("discriminable", "?"),
    ],
    align=True,
)

WITHOUT_EVENTS = np.dtype(
    [(name, DIALOGUE[name]) for name in DIALOGUE.names or () if name not in ("events", "table")],
    align=True,
)
"""The record as earlier versions saved it."""

CAR = np.dtype(
    [
        # Road
        ("clock", "f8"),  # since the drive began [s]
        ("first_row", "i8"),  # of the road, when the drive began
        ("last_row", "i8"),
        # The moment before the last act, and what the act took
        ("noise", "f8"),  # at the microphone [dB(A)]
        ("demand", "f8"),  # of the road, in [0, 1]
        ("act_seconds", "f4"),
        ("act_demand", "f4"),  # of the dialogue, on the AAA scale
        ("act_risk", "f4"),  # seconds at risk
        ("silent", "?"),  # the driver did not answer
        # Now
        ("load", "f8"),  # residue, in [0, 1]
        ("quieted", "?"),  # windows up, fan and music low until the dialogue is over
        ("signals", "f4", (MAX_SIGNALS,)),  # what the driver has set
        # Driver
        ("function", "i2"),  # of the errand
        ("errands_left", "i2"),  # after this one
        ("executed", "?"),  # this errand's command was carried out
        ("over", "?"),  # no errand is left
        ("leaves", "?"),  # without a good-bye
        ("closed", "i2"),  # errands that are over
        ("met", "i2"),  # and those of them that ended as they should
        ("kept", "?"),  # an errand waits for the end of an urgent one
        ("kept_function", "i2"),
        ("kept_goal", "i2", (MAX_SLOTS,)),
        ("kept_requests", "i2", (MAX_REQUESTS,)),
        ("kept_request_count", "i2"),
        # Assistant
        ("believed", "i2"),  # function, or -1
        ("ready", "?"),  # the command as it is believed is complete,
        ("lacking", "?"),  # asks for what this car does not have,
        ("safety", "i2"),  # and is SAFE, NEEDS_CONFIRMATION or UNSAFE
        ("asked", "u8"),  # fingerprint of the command that the last act confirms
        ("confirmed", "u8"),  # of the command that the driver confirmed
        ("tasks", "i2"),  # commands that it executed, refused or handed over
    ],
    align=True,
)


class State(NamedTuple):
    """The simulator's state; N environments, F features, W words of 64 rows."""

    record: NDArray[Any]
    """`(N,)` of `DIALOGUE`."""
    belief: NDArray[np.float32]
    """`(N, F)`: the feature vector; the beliefs live in it and are updated in place."""
    rows: NDArray[np.uint64]
    """`(N, 3, W)`: sets of data-base rows, 64 a word (`OFFERED`, `EXCLUDED`, `MATCHING`)."""
    car: NDArray[Any]
    """`(N,)` of `CAR` in driving scenarios, else empty."""


class Seat(NamedTuple):
    """One environment in a kernel, made once at the top of a turn."""

    tables: Tables
    rules: Record
    """Of `RULES`: the scenario, and what of the ontology has a fixed size."""
    dialogue: Record
    """Of `DIALOGUE`."""
    features: Features
    """The belief vector, `(F,)`."""
    rows: Words
    """Sets of data-base rows, `(3, W)`."""
    car: Record
    """Of `CAR`; None in the benchmark."""


def arguments(*bundles: Iterable[NDArray[Any] | None]) -> tuple[Any, ...]:
    """Return the arrays of `Tables`, of `State` and of `Outputs` as a kernel's arguments.

    A kernel takes them one by one, in the order of their fields: numba takes plain arrays in a
    fraction of the time that it needs to look into tuples of them.
    """
    return tuple(array for bundle in bundles for array in bundle if array is not None)


def new_state(count: int, words: int, features: int, driving: bool) -> State:
    """Return the zeroed state of `count` environments, with a car each in driving scenarios."""
    return State(
        record=np.zeros(count, DIALOGUE),
        belief=np.zeros((count, features), np.float32),
        rows=np.zeros((count, 3, words), np.uint64),
        car=np.zeros(count if driving else 0, CAR),
    )


def copy_state(state: State, rows: slice | NDArray[np.bool_] | None = None) -> State:
    """Return a copy of the state, or of some of its environments."""
    chosen = slice(None) if rows is None else rows
    return State(*(np.array(array[chosen]) for array in state))


def of_today(record: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return saved records as those of `DIALOGUE`, all as bytes `(N, bytes)`.

    Earlier versions knew no events; these are of the last step alone, which is over. They had one
    table of confusions.
    """
    if record.ndim != 2 or record.shape[1] != WITHOUT_EVENTS.itemsize:
        return record
    saved = np.ascontiguousarray(record).view(WITHOUT_EVENTS)[:, 0]
    records = np.zeros(len(saved), DIALOGUE)
    for name in WITHOUT_EVENTS.names or ():
        records[name] = saved[name]
    return records.view(np.uint8).reshape(len(saved), -1)


def as_records(array: NDArray[Any] | None) -> Any:
    """Return a view whose fields are attributes, so that plain Python can call kernels' rules."""
    return array.view(np.recarray) if array is not None and array.dtype.names else array


def bytes_per_environment(state: State) -> int:
    """Return the memory of one environment [bytes]."""
    return sum(array.nbytes for array in state) // len(state.record)
