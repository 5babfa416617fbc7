"""Compiled step and reset of tabular environments, for one environment and for thousands."""

from typing import Any

import numpy as np

from rlkit.arrays import Array, Bools, Ints
from rlkit.compiled import compiled, shared
from rlkit.randomness import uniform

DISABLED, NEXT_STEP, SAME_STEP = 0, 1, 2


@shared
def pick(starts: Ints, records: Array, row: int, draw: float) -> tuple[int, bool]:
    """Return the place that `draw` in [0, 1) selects in a row, and whether its own outcome holds.

    Else it is the outcome of the place's alias.
    """
    scaled = draw * (starts[row + 1] - starts[row])
    offset = int(scaled)
    place = starts[row] + offset
    return place, scaled - offset < records[place]["keep"]


@compiled
def first_illegal(actions: Array, num_actions: int) -> int:
    """Return the first place of an action outside 0 ... num_actions - 1, or -1."""
    for i in range(len(actions)):
        if actions[i] < 0 or actions[i] >= num_actions:
            return i
    return -1


@compiled
def begin(
    chosen: Bools, keys: Array, counters: Array, states: Ints, elapsed: Ints, first: tuple[Any, ...]
) -> None:
    """Draw a first state for each chosen environment."""
    starts, records = first
    for i in range(len(states)):
        if chosen[i]:
            draw = uniform(keys[i], counters[i])
            counters[i] += np.uint64(1)
            place, own = pick(starts, records, 0, draw)
            states[i] = records[place]["next_state"] if own else records[place]["alias_state"]
            elapsed[i] = 0


@compiled
def advance(
    actions: Array,
    keys: Array,
    counters: Array,
    states: Ints,
    elapsed: Ints,
    over: Bools,
    sampler: tuple[Any, ...],
    num_actions: int,
    limit: int,
    autoreset: int,
    first: tuple[Any, ...],
    out: tuple[Any, ...],
) -> int:
    """Step every environment; return how many episodes ended.

    An environment that is `over` starts anew where `autoreset` is NEXT_STEP, and its action is
    ignored. In SAME_STEP it starts anew at once, and `final` keeps the state that it left.
    """
    starts, records = sampler
    first_starts, first_records = first
    rewards, terminated, truncated, final = out
    ended = 0
    for i in range(len(states)):
        draw = uniform(keys[i], counters[i])
        counters[i] += np.uint64(1)
        if over[i] and autoreset == NEXT_STEP:
            place, own = pick(first_starts, first_records, 0, draw)
            record = first_records[place]
            states[i] = record["next_state"] if own else record["alias_state"]
            elapsed[i] = 0
            rewards[i] = 0.0
            terminated[i] = truncated[i] = over[i] = False
            continue
        place, own = pick(starts, records, states[i] * num_actions + actions[i], draw)
        record = records[place]
        following = record["next_state"] if own else record["alias_state"]
        rewards[i] = record["reward"] if own else record["alias_reward"]
        terminated[i] = following < 0
        states[i] = ~following if following < 0 else following
        elapsed[i] += 1
        truncated[i] = elapsed[i] == limit
        over[i] = terminated[i] or truncated[i]
        if over[i]:
            ended += 1
            final[i] = states[i]
            if autoreset == SAME_STEP:
                draw = uniform(keys[i], counters[i])
                counters[i] += np.uint64(1)
                place, own = pick(first_starts, first_records, 0, draw)
                record = first_records[place]
                states[i] = record["next_state"] if own else record["alias_state"]
                elapsed[i] = 0
                over[i] = False
    return ended
