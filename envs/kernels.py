"""Compiled step and reset of tabular environments, for one environment and for thousands."""

import numpy as np

from rlkit.arrays import Array, Bools, Floats, Ints
from rlkit.compiled import compiled, shared
from rlkit.randomness import uniform

DISABLED, NEXT_STEP, SAME_STEP = 0, 1, 2


@shared
def draw_index(starts: Ints, keep: Floats, alias: Ints, row: int, draw: float) -> int:
    """Return the place of the outcome that `draw` in [0, 1) selects in `row` (alias method)."""
    start = starts[row]
    scaled = draw * (starts[row + 1] - start)
    place = int(scaled)
    if scaled - place < keep[start + place]:
        return start + place
    return alias[start + place]


@compiled
def first_illegal(actions: Array, num_actions: int) -> int:
    """Return the first place of an action outside 0 ... num_actions - 1, or -1."""
    for i in range(len(actions)):
        if actions[i] < 0 or actions[i] >= num_actions:
            return i
    return -1


@compiled
def begin(
    chosen: Bools, keys: Array, counters: Array, states: Ints, elapsed: Ints, first: tuple[Array, ...]
) -> None:
    """Draw a first state for each chosen environment."""
    starts, keep, alias, support = first
    for i in range(len(states)):
        if chosen[i]:
            draw = uniform(keys[i], counters[i])
            counters[i] += np.uint64(1)
            states[i] = support[draw_index(starts, keep, alias, 0, draw)]
            elapsed[i] = 0


@compiled
def advance(
    actions: Array,
    keys: Array,
    counters: Array,
    states: Ints,
    elapsed: Ints,
    over: Bools,
    sampler: tuple[Array, ...],
    num_actions: int,
    limit: int,
    autoreset: int,
    first: tuple[Array, ...],
    out: tuple[Array, ...],
) -> int:
    """Step every environment; return how many episodes ended.

    An environment that is `over` starts anew where `autoreset` is NEXT_STEP, and its action is
    ignored. In SAME_STEP it starts anew at once, and `final` keeps the state that it left.
    """
    starts, keep, alias, next_states, outcome_rewards, outcome_terminated = sampler
    first_starts, first_keep, first_alias, first_support = first
    places, rewards, terminated, truncated, final = out
    ended = 0
    for i in range(len(states)):
        draw = uniform(keys[i], counters[i])
        counters[i] += np.uint64(1)
        if over[i] and autoreset == NEXT_STEP:
            states[i] = first_support[draw_index(first_starts, first_keep, first_alias, 0, draw)]
            elapsed[i] = 0
            rewards[i] = 0.0
            terminated[i] = truncated[i] = over[i] = False
            places[i] = -1
            continue
        place = draw_index(starts, keep, alias, states[i] * num_actions + actions[i], draw)
        places[i] = place
        states[i] = next_states[place]
        rewards[i] = outcome_rewards[place]
        terminated[i] = outcome_terminated[place]
        elapsed[i] += 1
        truncated[i] = elapsed[i] == limit
        over[i] = terminated[i] or truncated[i]
        if over[i]:
            ended += 1
            final[i] = states[i]
            if autoreset == SAME_STEP:
                draw = uniform(keys[i], counters[i])
                counters[i] += np.uint64(1)
                states[i] = first_support[
                    draw_index(first_starts, first_keep, first_alias, 0, draw)
                ]
                elapsed[i] = 0
                over[i] = False
    return ended
