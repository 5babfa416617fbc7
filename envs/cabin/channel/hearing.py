"""The microphone: what was said becomes an N-best list with confidences.

The error model is that of the PyDial benchmark (Casanueva et al. 2017): one draw an utterance
decides whether it is misheard; hypotheses are confusions of the truth with acts, slots and values
of similar spelling; lengths and confidences follow the second Dialog State Tracking Challenge.

With the benchmark's confidences almost nothing is learned from them, and confirming is hardly
worth its time; in a moving car the confidences are sharper, by the law of the exact cabin.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rlkit.compiled import shared
from rlkit.envs.cabin.state.acts import (
    AFFIRM,
    BYE,
    CONFIRM,
    DENY,
    DONTCARE,
    INFORM,
    NEGATE,
    NO_SLOT,
    NO_VALUE,
    REQALTS,
    REQUEST,
    TYPE_SLOT,
    Act,
    add_item,
    copy_act,
    same_act,
)
from rlkit.envs.cabin.state.draws import draw, pick
from rlkit.envs.cabin.state.tables import MAX_KNOTS, QUANTILES, Record, cumulative

TYPE_CONFUSION, SLOT_CONFUSION = 0.2, 0.3
"""Shares of confusions of the act type and of the slot; the others are of the value (PyDial)."""
TRIES = 25
"""Attempts to find a further hypothesis that is not in the list yet (PyDial)."""
SMALLEST, LARGEST = 0.01, 0.99
"""Bounds of a drawn confidence (PyDial)."""
FADING = 0.5
"""Share of what is left of the confidence that each further hypothesis takes in a car (assumption).
"""


@dataclass(frozen=True)
class Knot:
    """The list and its confidences at one error rate (PyDial's sets 1 and 3)."""

    error_rate: float
    right_lengths: tuple[float, ...]
    """Weights of the lengths 1 ... 5 of the list of an act heard rightly."""
    wrong_lengths: tuple[float, ...]
    """The same for a misheard act."""
    ranks: tuple[float, ...]
    """Weights of the truth being at rank 2 ... 5 of the list of a misheard act."""
    top_mean: tuple[float, ...]
    """Mean confidence of ranks 1 ... 5 and of the rest, unless the truth is below the top."""
    top_variance: tuple[float, ...]
    below_mean: tuple[float, ...]
    """The same with the truth below the top."""
    below_variance: tuple[float, ...]


NOISELESS = Knot(
    error_rate=0.0,
    right_lengths=(1, 0, 0, 0, 0),
    wrong_lengths=(1, 0, 0, 0, 0),
    ranks=(1, 0, 0, 0),
    top_mean=(1, 0, 0, 0, 0, 0),
    top_variance=(0, 0, 0, 0, 0, 0),
    below_mean=(1, 0, 0, 0, 0, 0),
    below_variance=(0, 0, 0, 0, 0, 0),
)
LIGHT_NOISE = Knot(
    error_rate=0.15,
    right_lengths=(0.264, 0.215, 0.138, 0.099, 0.080),
    wrong_lengths=(0.300, 0.068, 0.085, 0.072, 0.079),
    ranks=(0.179, 0.063, 0.027, 0.017),
    top_mean=(0.871, 0.103, 0.045, 0.032, 0.027, 0.049),
    top_variance=(0.029, 0.010, 0.002, 0.001, 0.000, 0.001),
    below_mean=(0.757, 0.179, 0.077, 0.048, 0.037, 0.065),
    below_variance=(0.052, 0.014, 0.003, 0.001, 0.000, 0.002),
)
HEAVY_NOISE = Knot(
    error_rate=0.30,
    right_lengths=(0.147, 0.430, 0.212, 0.147, 0.048),
    wrong_lengths=(0.351, 0.388, 0.158, 0.071, 0.020),
    ranks=(0.116, 0.027, 0.007, 0.002),
    top_mean=(0.905, 0.101, 0.017, 0.008, 0.005, 0.010),
    top_variance=(0.016, 0.013, 0.002, 0.001, 0.000, 0.001),
    below_mean=(0.871, 0.164, 0.065, 0.043, 0.030, 0.054),
    below_variance=(0.029, 0.020, 0.005, 0.002, 0.001, 0.003),
)
KNOTS = (NOISELESS, LIGHT_NOISE, HEAVY_NOISE)


def write_channel(rules: np.void, knots: tuple[Knot, ...] = KNOTS) -> None:
    """Write the laws at rising error rates; between them everything is linear."""
    if not 2 <= len(knots) <= MAX_KNOTS:
        raise ValueError(f"a channel has 2 ... {MAX_KNOTS} knots, got {len(knots)}")
    rules["knots"] = len(knots)
    for place, knot in enumerate(knots):
        rules["knot_error_rate"][place] = knot.error_rate
        rules["length_cdf"][place] = [
            cumulative(knot.right_lengths),
            cumulative(knot.wrong_lengths),
        ]
        rules["rank_cdf"][place] = cumulative(knot.ranks)
        rules["confidence_mean"][place] = [knot.top_mean, knot.below_mean]
        variances = [knot.top_variance, knot.below_variance]
        rules["confidence_deviation"][place] = np.sqrt(variances)


@shared
def hear(
    rules: Record, dialogue: Record, values: Record, rate: float, constants: Record | None
) -> None:
    """Turn the driver's act into hypotheses and confidences.

    Args:
        rules: The scenario.
        dialogue: The dialogue.
        values: What each value is mistaken for.
        rate: How likely an act is misheard, in [0, 1].
        constants: Of the sharper confidences in a car; None for those of the benchmark, so that
            its kernel is compiled without the others.
    """
    if rate <= 0.0:
        copy_act(dialogue.said, dialogue.heard[0])
        dialogue.heard_count = 1
        dialogue.confidence[0] = 1.0
        dialogue.null_confidence = 0.0
        return
    misheard = 1 if draw(dialogue) < rate else 0
    knot, weight = interpolation(rules, rate)
    lengths = rules.length_cdf
    length = 1 + draw_row(dialogue, lengths[knot, misheard], lengths[knot + 1, misheard], weight)
    rank = 0
    if misheard:
        rank = 1 + draw_row(dialogue, rules.rank_cdf[knot], rules.rank_cdf[knot + 1], weight)
    length = fill_list(rules, dialogue, values, length, rank)
    if constants is None:
        below = 1 if misheard and rank < length else 0
        draw_confidences(rules, dialogue, knot, weight, below, length)
    else:
        spread_confidence(rules, dialogue, constants, rate, misheard, length)


@shared
def hear_nothing(dialogue: Record) -> None:
    """Note that nothing was said."""
    dialogue.heard_count = 0
    dialogue.null_confidence = 1.0


@shared
def interpolation(rules: Record, error_rate: float) -> tuple[int, float]:
    """Return the knot below an error rate, and the share of the knot above it."""
    last = rules.knots - 2
    knot = 0
    while knot < last and error_rate >= rules.knot_error_rate[knot + 1]:
        knot += 1
    low = rules.knot_error_rate[knot]
    high = rules.knot_error_rate[knot + 1]
    return knot, min(max((error_rate - low) / (high - low), 0.0), 1.0)


@shared
def draw_row(
    dialogue: Record, low: NDArray[np.float64], high: NDArray[np.float64], weight: float
) -> int:
    """Draw an index from two cumulative distributions mixed by `weight`."""
    number = draw(dialogue)
    for index in range(len(low) - 1):
        if number < (1.0 - weight) * low[index] + weight * high[index]:
            return index
    return len(low) - 1


@shared
def fill_list(rules: Record, dialogue: Record, values: Record, length: int, rank: int) -> int:
    """Write the hypotheses, the truth at `rank` if the list is long enough; return the length.

    The list ends early when no further confusion is found.
    """
    truth = dialogue.said
    for place in range(length):
        if place == rank:
            copy_act(truth, dialogue.heard[place])
            continue
        tries = TRIES
        confuse(rules, dialogue, values, truth, dialogue.heard[place])
        while tries > 1 and in_list(dialogue, place):
            confuse(rules, dialogue, values, truth, dialogue.heard[place])
            tries -= 1
        if tries == 1 and in_list(dialogue, place):
            dialogue.heard_count = place
            return place
    dialogue.heard_count = length
    return length


@shared
def in_list(dialogue: Record, place: int) -> bool:
    """Return whether a hypothesis is the truth, bye, or an earlier hypothesis."""
    act = dialogue.heard[place]
    if act[0] == BYE or same_act(act, dialogue.said):
        return True
    for earlier in range(place):  # noqa: SIM110 (kernels have no any() and all())
        if same_act(act, dialogue.heard[earlier]):
            return True
    return False


@shared
def draw_confidences(
    rules: Record, dialogue: Record, knot: int, weight: float, below: int, length: int
) -> None:
    """Draw the confidences; those of the unused ranks and the rest add up to that of silence."""
    above = knot + 1
    total = 0.0
    silence = 0.0
    for rank in range(6):
        mean = (1.0 - weight) * rules.confidence_mean[
            knot, below, rank
        ] + weight * rules.confidence_mean[above, below, rank]
        deviation = (1.0 - weight) * rules.confidence_deviation[knot, below, rank]
        deviation += weight * rules.confidence_deviation[above, below, rank]
        drawn = mean + deviation * normal(rules, dialogue)
        drawn = min(max(drawn, SMALLEST), LARGEST)
        total += drawn
        if rank < length:
            dialogue.confidence[rank] = drawn
        else:
            silence += drawn
    for rank in range(length):
        dialogue.confidence[rank] /= total
    dialogue.null_confidence = silence / total


@shared
def spread_confidence(
    rules: Record, dialogue: Record, constants: Record, rate: float, misheard: int, length: int
) -> None:
    """Draw the confidence of the best hypothesis; the others share the rest, silence the last."""
    excess = rate - 0.10
    mean = constants.right_confidence + constants.right_confidence_slope * excess
    if misheard:
        mean = constants.wrong_confidence + constants.wrong_confidence_slope * excess
    top = mean + constants.confidence_sd * normal(rules, dialogue)
    left = 1.0
    for rank in range(length):
        part = FADING * left if rank > 0 else min(max(top, SMALLEST), LARGEST)
        dialogue.confidence[rank] = part
        left -= part
    dialogue.null_confidence = left


@shared
def normal(rules: Record, dialogue: Record) -> float:
    """Draw a standard normal number from the table of quantiles."""
    place = draw(dialogue) * QUANTILES
    cell = int(place)
    quantiles = rules.quantiles
    return float(quantiles[cell] + (place - cell) * (quantiles[cell + 1] - quantiles[cell]))


@shared
def confuse(rules: Record, dialogue: Record, values: Record, truth: Act, out: Act) -> None:
    """Write one random confusion of an act, which may happen to equal it."""
    kind = draw(dialogue)
    if kind < TYPE_CONFUSION or has_nothing_to_confuse(truth):
        confuse_type(rules, dialogue, truth[0], out)
        return
    copy_act(truth, out)
    if kind < TYPE_CONFUSION + SLOT_CONFUSION:
        confuse_slots(rules, dialogue, out)
    else:
        confuse_value(rules, dialogue, values, out)


@shared
def has_nothing_to_confuse(act: Act) -> bool:
    """Return whether an act tells no slot, or what kind of place is looked for and nothing else."""
    return bool(act[1] == 0 or act[2] == NO_SLOT or (act[1] == 1 and act[2] == TYPE_SLOT))


@shared
def confuse_type(rules: Record, dialogue: Record, truth: int, out: Act) -> None:
    """Write an act of similar name, with a random item where acts of that type have one."""
    kind = draw_neighbour(
        dialogue,
        rules.act_neighbours[truth],
        rules.act_neighbour[truth],
        rules.act_neighbour_cdf[truth],
    )
    out[0] = kind
    out[1] = 0
    if kind == DENY:
        out[0] = NEGATE
    elif kind == REQUEST:
        add_item(out, pick(dialogue, rules.requestables), NO_VALUE)
    elif kind in (INFORM, CONFIRM, AFFIRM, NEGATE, REQALTS):
        slot = pick(dialogue, rules.requestables)
        add_item(out, slot, random_value(rules, dialogue, slot))


@shared
def confuse_slots(rules: Record, dialogue: Record, act: Act) -> None:
    """Move every item, up to one that only names the type, to a slot of similar name."""
    for item in range(act[1]):
        slot = act[2 + 2 * item]
        if slot == TYPE_SLOT:
            return
        if slot == NO_SLOT:
            continue
        other = draw_neighbour(
            dialogue,
            rules.slot_neighbours[slot],
            rules.slot_neighbour[slot],
            rules.slot_neighbour_cdf[slot],
        )
        act[2 + 2 * item] = other
        if act[3 + 2 * item] != NO_VALUE:
            act[3 + 2 * item] = random_value(rules, dialogue, other)


@shared
def confuse_value(rules: Record, dialogue: Record, values: Record, act: Act) -> None:
    """Replace the value of one random item, if it has one, by one of similar spelling."""
    item = pick(dialogue, act[1])
    slot, value = act[2 + 2 * item], act[3 + 2 * item]
    if slot < 0 or value == NO_VALUE:
        return
    count = rules.slot_values[slot]
    place = count if value == DONTCARE else value
    alike = values[rules.first_value + rules.slot_first_value[slot] + place]
    other = draw_neighbour(dialogue, alike.neighbours, alike.neighbour, alike.neighbour_cdf)
    act[3 + 2 * item] = DONTCARE if other == count else other


@shared
def draw_neighbour(
    dialogue: Record, count: int, neighbour: NDArray[np.int16], cdf: NDArray[np.float64]
) -> int:
    """Draw one of the neighbours of an act, slot or value; -1 if it has none."""
    number = draw(dialogue)
    for index in range(count - 1):
        if number < cdf[index]:
            return int(neighbour[index])
    return int(neighbour[max(count - 1, 0)])


@shared
def random_value(rules: Record, dialogue: Record, slot: int) -> int:
    """Draw a value of the slot, or dontcare; those that only the driver may ask for have none."""
    count = rules.slot_values[slot]
    if count == 0:
        return NO_VALUE
    value = pick(dialogue, count + 1)
    return DONTCARE if value == count else value
