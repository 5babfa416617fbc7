"""The microphone in a moving car: the benchmark's confusions with a sharper confidence.

With the benchmark's confidences almost nothing is learned from them, and confirming is hardly
worth its time; the law here is that of the exact cabin.
"""

from rlkit.compiled import shared
from rlkit.envs.cabin.channel.hearing import (
    LARGEST,
    SMALLEST,
    draw_row,
    fill_list,
    interpolation,
    normal,
)
from rlkit.envs.cabin.state.acts import copy_act
from rlkit.envs.cabin.state.draws import draw
from rlkit.envs.cabin.state.tables import Record

FADING = 0.5
"""Share of what is left of the confidence that each further hypothesis takes (assumption)."""


@shared
def hear_in_car(
    rules: Record, dialogue: Record, car: Record, values: Record, constants: Record
) -> None:
    """Turn the driver's act into hypotheses and confidences."""
    rate = dialogue.error_rate
    car.misheard = False
    if rate <= 0.0:
        copy_act(dialogue.said, dialogue.heard[0])
        dialogue.heard_count = 1
        dialogue.confidence[0] = 1.0
        dialogue.null_confidence = 0.0
        return
    car.misheard = draw(dialogue) < rate
    misheard = 1 if car.misheard else 0
    knot, weight = interpolation(rules, rate)
    lengths = rules.length_cdf
    length = 1 + draw_row(dialogue, lengths[knot, misheard], lengths[knot + 1, misheard], weight)
    rank = 0
    if misheard:
        rank = 1 + draw_row(dialogue, rules.rank_cdf[knot], rules.rank_cdf[knot + 1], weight)
    length = fill_list(rules, dialogue, values, length, rank)
    share_confidence(rules, dialogue, car, constants, length)


@shared
def share_confidence(
    rules: Record, dialogue: Record, car: Record, constants: Record, length: int
) -> None:
    """Draw the confidence of the best hypothesis; the others share the rest, silence the last."""
    excess = dialogue.error_rate - 0.10
    mean = constants.right_confidence + constants.right_confidence_slope * excess
    if car.misheard:
        mean = constants.wrong_confidence + constants.wrong_confidence_slope * excess
    top = mean + constants.confidence_sd * normal(rules, dialogue)
    left = 1.0
    for rank in range(length):
        part = FADING * left if rank > 0 else min(max(top, SMALLEST), LARGEST)
        dialogue.confidence[rank] = part
        left -= part
    dialogue.null_confidence = left


@shared
def hear_nothing(dialogue: Record, car: Record) -> None:
    """Note that nothing was said."""
    car.misheard = False
    dialogue.heard_count = 0
    dialogue.null_confidence = 1.0
