"""What the kernels know of an ontology and a scenario: flat arrays, the same types for all.

One compile serves every ontology because only lengths differ. What is small has a fixed capacity
and lies in one record, `RULES`, which a kernel passes on as a single pointer.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rlkit.envs.cabin.state.acts import USER_ACTS
from rlkit.envs.cabin.state.reward import REWARD_TERMS
from rlkit.envs.cabin.state.temper import PROBABILITIES

NEIGHBOURS = 6
"""Acts, slots and values that one can be mistaken for (PyDial)."""
GOAL_SLOTS = 3
"""Most constraints of a goal when a dialogue begins (PyDial)."""
QUANTILES = 1024
"""Cells of the table of the normal distribution."""
INFO_LEVELS = 5
"""The features look at the data base with the 1 ... 5 most certain slots (PyDial)."""
MAX_SLOTS = 32
"""Most slots of an ontology."""
MAX_REQUESTABLES = 96
"""Most slots and private attributes together, the name included."""
MAX_VALUES = 1000
"""Most values of a slot."""
MAX_VENUES = 10_000
"""Most rows of a data base."""
MAX_FUNCTIONS = 24
MAX_SIGNALS = 48
MAX_RULES = 32
"""Rules after those about several zones are written out, one a zone."""
MAX_COMMAND_VALUES = 64
"""Values of a slot that a command uses: sets of them are held as bits."""
MAX_CONDITIONS = 2
"""Slots that the conditions of one rule are about."""
MAX_ACTIONS = 3 * MAX_SLOTS + MAX_FUNCTIONS + 16
MAX_KNOTS = 8
"""Most error rates at which the channel's laws are given."""

Record = Any
"""One row of a structured array, as kernels see it: fields are attributes."""
Features = NDArray[np.float32]
"""The belief vector of one environment, `(F,)`."""
Words = NDArray[np.uint64]
"""A set of data-base rows, 64 to a word, or several such sets."""
Cells = NDArray[np.int16]
"""Values by number, a row a venue or goal."""


def _confusions(prefix: str, count: int) -> list[tuple[str, str, tuple[int, ...]]]:
    """Return the fields that say what each of `count` words can be mistaken for."""
    return [
        (f"{prefix}_neighbours", "i4", (count,)),  # how many there are
        (f"{prefix}_neighbour", "i2", (count, NEIGHBOURS)),
        (f"{prefix}_neighbour_cdf", "f8", (count, NEIGHBOURS)),
    ]


RULES = np.dtype(
    [
        # Sizes
        ("slots", "i4"),  # slots the assistant may ask; the name's number too
        ("requestables", "i4"),  # slots, the name, and what only the driver may ask
        ("venues", "i4"),  # rows of the data base
        ("words", "i4"),  # words of a set of rows
        ("actions", "i4"),
        ("features", "i4"),
        ("goal_groups", "i4"),
        ("knots", "i4"),
        ("function_slot", "i4"),  # the slot that says which function is wanted, or NO_SLOT
        ("first_value", "i4"),  # into `Tables.values`: where this table of confusions begins
        # First feature of each group
        ("method", "i4"),
        ("discourse", "i4"),
        ("requested", "i4"),
        ("last_acts", "i4"),
        ("info", "i4"),
        ("car", "i4"),  # road, car and clock, in driving scenarios
        # Scenario
        ("max_turns", "i4"),
        ("masks", "?"),  # offer only the acts that make sense
        ("error_rate", "f8"),
        ("patience", "i4", (2,)),
        ("behaviour_low", "f4", (len(PROBABILITIES),)),
        ("behaviour_range", "f4", (len(PROBABILITIES),)),
        ("weights", "f8", (len(REWARD_TERMS),)),
        # Slots, the name, and what only the driver may ask
        ("slot_values", "i4", (MAX_REQUESTABLES,)),  # without NONE and dontcare
        ("slot_first_value", "i4", (MAX_REQUESTABLES,)),  # into `holders`, and so into each table
        ("slot_belief", "i4", (MAX_REQUESTABLES,)),  # first feature: values, NONE, dontcare
        ("slot_acceptance", "f8", (MAX_REQUESTABLES,)),  # mass above which it counts as known
        ("slot_alphabetical", "i4", (MAX_REQUESTABLES,)),  # the slot at each alphabetical place
        ("slot_yes", "i2", (MAX_REQUESTABLES,)),  # values of a binary slot, or NO_VALUE
        ("slot_no", "i2", (MAX_REQUESTABLES,)),
        *_confusions("slot", MAX_REQUESTABLES),
        # The assistant's actions
        ("action_kind", "i4", (MAX_ACTIONS,)),
        ("action_slot", "i4", (MAX_ACTIONS,)),
        # Channel
        *_confusions("act", len(USER_ACTS)),
        ("knot_error_rate", "f8", (MAX_KNOTS,)),
        ("length_cdf", "f8", (MAX_KNOTS, 2, 5)),  # of lists of right and of misheard acts
        ("rank_cdf", "f8", (MAX_KNOTS, 4)),  # rank 2 ... 5 of the truth of a misheard act
        ("confidence_mean", "f8", (MAX_KNOTS, 2, 6)),  # ranks and rest; truth on top, below
        ("confidence_deviation", "f8", (MAX_KNOTS, 2, 6)),
        ("quantiles", "f8", (QUANTILES + 1,)),  # of the normal distribution
    ],
    align=True,
)
VALUE = np.dtype(
    [
        ("neighbours", "i4"),
        ("neighbour", "i2", (NEIGHBOURS,)),
        ("neighbour_cdf", "f8", (NEIGHBOURS,)),
    ],
    align=True,
)
GOAL_GROUP = np.dtype(
    [
        ("cdf", "f8"),
        ("slots", "i2", (GOAL_SLOTS,)),
        ("size", "i4"),  # slots in use
        ("first", "i4"),  # into `Tables.goals`
        ("count", "i4"),
    ],
    align=True,
)

FUNCTION = np.dtype(
    [
        ("place", "?"),  # it finds a venue; else it is a command
        ("confirm", "?"),  # the driver must confirm it
        ("cdf", "f8"),  # of what drivers want
        ("slots", "u8"),  # bit s: slot s belongs to it, the function slot too
        ("order", "i2", (MAX_SLOTS,)),  # its slots in the order of asking, without that one
        ("size", "i4"),  # how many these are
        ("optional_slot", "i2", (2,)),  # slots needed only sometimes, or NO_SLOT
        ("optional_if", "i2", (2,)),  # the slots that decide
        ("optional_values", "u8", (2,)),  # and their values that need it
        ("missing_slot", "i2", (2,)),  # values that this car does not have
        ("missing_values", "u8", (2,)),
        ("first_venue", "i4"),
        ("venues", "i4"),
        ("privates", "i4"),  # what the driver may ask about a venue of it
        ("private", "i2", (MAX_REQUESTABLES,)),  # requestable numbers
        ("zone", "i2"),  # slot whose value chooses the signal, or NO_SLOT
        ("setting", "i2"),  # slot whose value sets the signal, or NO_SLOT
        ("signal", "i2", (8,)),  # by value of the zone
    ],
    align=True,
)
LINK = np.dtype(
    [
        ("function", "i2"),
        ("slot", "i2", (MAX_CONDITIONS,)),  # conditions: the command's slots, or NO_SLOT
        ("values", "u8", (MAX_CONDITIONS,)),  # and the values that meet them
        ("signal", "i2"),  # of the requirement, or -1 for the speed
        ("at_least", "?"),  # else at most
        ("threshold", "f4"),
        ("unsafe", "?"),  # else it needs a confirmation
    ],
    align=True,
)
NO_SOURCE, WINDOW_SOURCE, FAN_SOURCE, VOLUME_SOURCE = range(4)
SIGNAL = np.dtype(
    [
        ("lowest", "f4"),
        ("highest", "f4"),
        ("starts", "f4", (16,)),
        ("start_count", "i4"),
        ("source", "i4"),
    ],
    align=True,
)


class Tables(NamedTuple):
    """An ontology in a scenario; S slots, W words of 64 rows.

    From `constants` on they describe the car and its road, and are None in the benchmark, whose
    rules then pass on half as much.
    """

    rules: NDArray[Any]
    """`(K,)` of `RULES`, one a table of confusions; nothing else differs between them."""
    values: NDArray[Any]
    """`(K V,)` of `VALUE`: what each value, and then each slot's dontcare, is mistaken for."""
    venues: Cells
    """`(rows, S)`: each venue's value of each slot, or `NO_VALUE`."""
    holders: Words
    """`(V, W)`: the set of venues that hold each value; all of them for dontcare."""
    goal_groups: NDArray[Any]
    """`(G,)` of `GOAL_GROUP`: which slots a goal constrains, with cumulative probability."""
    goals: Cells
    """`(all goals, GOAL_SLOTS)`: the values, `DONTCARE` included."""
    constants: Any = None
    """`(1,)` of `car.constants.CONSTANTS`."""
    functions: Any = None
    """`(F,)` of `FUNCTION`."""
    links: Any = None
    """`(L,)` of `LINK`."""
    signals: Any = None
    """`(G,)` of `SIGNAL`."""
    levels: Any = None
    """`(V,)` float32: what each value sets a signal to; rows as in `holders`."""
    road: Any = None
    """`(T,)` of `roads.rows.DRIVE_ROW`."""
    drives: Any = None
    """`(D + 1,)` int64: the first row of each drive, and one beyond the last."""

    @property
    def driving(self) -> bool:
        """Whether there is a car on a road, and not only a dialogue about venues."""
        return self.constants is not None


def cumulative(weights: ArrayLike) -> NDArray[np.float64]:
    """Return the cumulative distribution of weights `(n,)`, added up from the first to the last."""
    totals = np.cumsum(np.asarray(weights, dtype=np.float64))
    return np.asarray(totals / totals[-1])
