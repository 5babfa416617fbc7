"""Compiled step and reset of tabular environments, for one environment and for thousands.

A step of thousands is a few short passes over arrays, so that no look-up waits for the one before
it and the plain arithmetic is vectorised.
"""

from typing import NamedTuple

import numpy as np

from rlkit.arrays import Array, Bools, Floats, Ints
from rlkit.compiled import compiled, shared
from rlkit.outcomes import RECORD, Sampler, place_of
from rlkit.randomness import uniform

DISABLED, NEXT_STEP, SAME_STEP = 0, 1, 2

# Indices are unsigned here: signed ones might be negative and then count from the end, which numba
# checks at every look-up.
ONE = np.uint64(1)
FIRST_ROW = np.uint64(0)
"""First states are drawn from a table of one row."""
SIGN = 63
"""The bit of an `int64` that says it is negative."""
_ORDER = list(RECORD.names or ())
FLOATS, WORDS = np.uint64(RECORD.itemsize // 8), np.uint64(RECORD.itemsize // 4)
"""How many `float64` and how many `int32` numbers a record is."""
KEEP, REWARD = np.uint64(_ORDER.index("keep")), np.uint64(_ORDER.index("reward"))
NEXT_STATE = np.uint64(2 * _ORDER.index("next_state"))
"""Places of fields among these; what the alias gives follows what the outcome itself gives."""


class Drawer(NamedTuple):
    """Alias tables as plain arrays over the same memory: chosen by arithmetic, not by branches."""

    starts: Ints
    floats: Floats
    words: Ints

    @classmethod
    def of(cls, sampler: Sampler) -> "Drawer":
        """Return views of the tables of a sampler."""
        return cls(sampler.starts, sampler.records.view(np.float64), sampler.records.view(np.int32))


class Batch(NamedTuple):
    """Where a batch of environments stands, an array `(N,)` a name."""

    keys: Array
    counters: Array
    states: Ints
    elapsed: Ints
    over: Bools


class Answer(NamedTuple):
    """What a step writes, an array `(N,)` a name; `final` is the state that an ended episode left.

    `rewards` and `final` hold the draws and their places in between.
    """

    rewards: Floats
    terminated: Bools
    truncated: Bools
    final: Ints


@shared
def pick(starts: Ints, records: Array, row: int, draw: float) -> tuple[int, bool]:
    """Return the place that `draw` in [0, 1) selects in a row, and whether its own outcome holds.

    Else it is the outcome of the place's alias.
    """
    place, rest = place_of(starts[row], starts[row + 1], draw)
    return place, rest < records[place]["keep"]


@shared
def pick_twofold(drawer: Drawer, row: np.uint64, draw: float) -> np.uint64:
    """Return twice the place that `pick` returns, plus 1 if the alias's outcome holds."""
    signed, rest = place_of(drawer.starts[row], drawer.starts[row + ONE], draw)
    place = np.uint64(signed)
    return place + place + np.uint64(rest >= drawer.floats[place * FLOATS + KEEP])


@shared
def next_of(drawer: Drawer, twofold: np.uint64) -> int:
    """Return the next state at a place of `pick_twofold`, as ~s if the episode ends there."""
    return int(drawer.words[(twofold >> ONE) * WORDS + NEXT_STATE + (twofold & ONE)])


@shared
def reward_of(drawer: Drawer, twofold: np.uint64) -> float:
    """Return the reward at a place of `pick_twofold`."""
    return float(drawer.floats[(twofold >> ONE) * FLOATS + REWARD + (twofold & ONE)])


@compiled
def first_illegal(actions: Array, num_actions: int) -> int:
    """Return the first place of an action outside 0 ... num_actions - 1, or -1."""
    illegal = False
    for action in actions:
        illegal |= (action < 0) | (action >= num_actions)
    if illegal:
        for i in range(len(actions)):
            if actions[i] < 0 or actions[i] >= num_actions:
                return i
    return -1


@shared
def restart(batch: Batch, i: int, counter: Array, first: Drawer) -> None:
    """Draw a first state for environment i, with draw number `counter` of its stream."""
    batch.states[i] = next_of(
        first, pick_twofold(first, FIRST_ROW, uniform(batch.keys[i], counter))
    )
    batch.elapsed[i] = 0


@compiled
def begin(batch: Batch, chosen: Bools, first: Drawer) -> None:
    """Draw a first state for each chosen environment."""
    for i in range(len(chosen)):
        if chosen[i]:
            restart(batch, i, batch.counters[i], first)
            batch.counters[i] += ONE
            batch.over[i] = False


@shared
def move(batch: Batch, actions: Array, drawer: Drawer, num_actions: int, answer: Answer) -> None:
    """Draw the outcome of every action; `states` holds the next states, ~s where one ends."""
    keys, counters, states, _, _ = batch
    draws = rewards = answer.rewards
    places = answer.final.view(np.uint64)
    for i in range(len(states)):
        draws[i] = uniform(keys[i], counters[i])
        counters[i] += ONE
        places[i] = states[i] * num_actions + actions[i]
    for i in range(len(states)):
        places[i] = pick_twofold(drawer, places[i], draws[i])
    for i in range(len(states)):
        states[i] = next_of(drawer, places[i])
        rewards[i] = reward_of(drawer, places[i])


@shared
def finish(batch: Batch, limit: int, answer: Answer) -> None:
    """Say which episodes ended, and turn ~s into s."""
    states, elapsed = batch.states, batch.elapsed
    for i in range(len(states)):
        answer.terminated[i] = states[i] < 0
        states[i] ^= states[i] >> SIGN
        elapsed[i] += 1
        answer.truncated[i] = elapsed[i] == limit


@compiled
def advance(
    batch: Batch,
    actions: Array,
    drawer: Drawer,
    num_actions: int,
    limit: int,
    autoreset: int,
    first: Drawer,
    answer: Answer,
) -> int:
    """Step every environment; return how many episodes ended.

    An environment that is `over` starts anew where `autoreset` is NEXT_STEP, and its action is
    ignored. In SAME_STEP it starts anew at once, and `final` keeps the state that it left.
    """
    rewards, terminated, truncated, final = answer
    over = batch.over
    move(batch, actions, drawer, num_actions, answer)
    finish(batch, limit, answer)
    if autoreset == NEXT_STEP:
        for i in range(len(over)):
            if over[i]:
                restart(batch, i, batch.counters[i] - ONE, first)
                rewards[i] = 0.0
                terminated[i] = truncated[i] = False
    ended = 0
    for i in range(len(over)):
        over[i] = terminated[i] | truncated[i]
        ended += over[i]
    if ended and autoreset == SAME_STEP:
        for i in range(len(over)):
            if over[i]:
                final[i] = batch.states[i]
                restart(batch, i, batch.counters[i], first)
                batch.counters[i] += ONE
                over[i] = False
    return ended
