"""The laws of driving and listening that every cabin shares, one function a law.

They are plain functions of scalars: the exact cabin tabulates them, compiled kernels call them.
They take exp and log from `rlkit.elementary`, so every machine computes the same.
Their constants arrive as arguments; `DrivingLaws` holds the defaults. Everything marked
(assumption) is a modelling choice, the rest names its source.
"""

from dataclasses import dataclass

from rlkit import elementary
from rlkit.compiled import shared

DECIBEL = 4.342944819032518
"""10 / log(10): a level [dB] is so many times the natural logarithm of a power."""


@dataclass(frozen=True)
class DrivingLaws:
    """Constants of the laws below, each with its unit."""

    reference_speed: float = 13.9
    """Speed at which the noise levels below hold [m/s] (50 km/h)."""
    road_noise: float = 58.0
    """Tyres and wind with the window closed [dB(A)] (assumption)."""
    road_noise_slope: float = 18.5
    """Rise of the road noise per decade of speed [dB(A)] (assumption)."""
    window_noise: float = 64.0
    """An open window at the reference speed [dB(A)] (assumption)."""
    window_noise_slope: float = 30.0
    """Rise of the window noise per decade of speed [dB(A)] (assumption)."""
    quiet_noise: float = 48.0
    """Noise of the parked, quiet car [dB(A)] (assumption)."""
    quiet_error: float = 0.05
    """Error rate in the quiet car, in (0, 1) (assumption)."""
    error_slope: float = 0.083
    """Rise of the logit of the error rate [1/dB(A)] (assumption)."""
    confidence_sd: float = 0.15
    """Standard deviation of the first rank's confidence (assumption)."""
    right_confidence: float = 0.955
    """Mean confidence of a right value at the error rate .10 (assumption)."""
    right_confidence_slope: float = -0.30
    """Its change per unit of error rate (assumption)."""
    wrong_confidence: float = 0.70
    """Mean confidence of a wrong value at the error rate .10 (assumption)."""
    wrong_confidence_slope: float = 0.32
    """Its change per unit of error rate (assumption)."""
    sure_threshold: float = 0.80
    """Confidence from which a value counts as heard surely (PyDial's acceptance level)."""
    answer_slope: float = 10.0
    """Steepness of the answering law [1/demand] (assumption)."""
    answer_midpoint: float = 0.70
    """Demand at which half of the questions are answered (assumption)."""
    load_demand: float = 0.20
    """Demand that a high load residue adds (assumption)."""
    load_delay: float = 0.10
    """Rise of the reaction time under high load while speaking [s] (assumption)."""
    residue_time: float = 20.0
    """Time constant of the load residue [s] (literature: 15-27 s)."""


@shared
def logistic(x: float) -> float:
    """Return 1 / (1 + exp(-x))."""
    return 1.0 / (1.0 + elementary.exp(-x))


@shared
def level_at_speed(level: float, slope: float, speed: float, reference: float) -> float:
    """Return a noise level [dB(A)] that grows with the logarithm of the speed [m/s]."""
    return level + slope * elementary.log10(speed / reference)


@shared
def add_levels(first: float, second: float) -> float:
    """Return the level [dB(A)] of two sources together (energy sum)."""
    louder, gap = max(first, second), abs(first - second)
    return louder + DECIBEL * elementary.log(1.0 + elementary.exp(-gap / DECIBEL))


@shared
def error_rate(noise: float, quiet_noise: float, quiet_error: float, slope: float) -> float:
    """Return the probability that a value is misheard at a noise level [dB(A)]."""
    return logistic(
        elementary.log(quiet_error / (1.0 - quiet_error)) + slope * (noise - quiet_noise)
    )


@shared
def sure_probability(
    error: float, mean: float, mean_slope: float, deviation: float, threshold: float
) -> float:
    """Return the probability that a normal confidence reaches the threshold.

    Its mean is `mean` at the error rate .10 and changes by `mean_slope` per unit of error rate.
    """
    return elementary.normal_cdf((mean + mean_slope * (error - 0.10) - threshold) / deviation)


@shared
def answer_probability(demand: float, midpoint: float, slope: float) -> float:
    """Return the probability that the driver answers while the demand in [0, 1+] is what it is."""
    return logistic(-slope * (demand - midpoint))


@shared
def reaction_rise(dialogue_demand: float) -> float:
    """Return the rise of the reaction time [s] at a dialogue demand on the AAA scale (1 ... 5).

    Piecewise linear through (1.0, 0), (2.3, .25 s) and (3.0, .40 s), flat after (AAA Foundation).
    """
    if dialogue_demand <= 1.0:
        return 0.0
    if dialogue_demand <= 2.3:
        return (dialogue_demand - 1.0) * (0.25 / 1.3)
    return min(0.25 + (dialogue_demand - 2.3) * (0.15 / 0.7), 0.40)


@shared
def risk_probability(
    dialogue_demand: float, load: float, load_delay: float, margin: float, deviation: float
) -> float:
    """Return the probability that speaking, and not driving alone, uses up the headway margin.

    Args:
        dialogue_demand: AAA scale, 1 for driving only.
        load: The load residue, in [0, 1].
        load_delay: Extra reaction time of a loaded driver while speaking [s].
        margin: Mean of the margin [s].
        deviation: Its standard deviation [s].
    """
    if dialogue_demand <= 1.0:
        return 0.0
    rise = reaction_rise(dialogue_demand) + load_delay * load
    return elementary.normal_cdf((rise - margin) / deviation) - elementary.normal_cdf(
        -margin / deviation
    )


@shared
def load_after(dialogue_demand: float, load: float, seconds: float, residue_time: float) -> float:
    """Return the load residue in [0, 1] after an act.

    What the act adds grows from 0 at demand 1.2; the old residue decays exponentially. In the
    exact cabin the residue is low (0) or high (1), and this is the probability of high.
    """
    added = min(max((dialogue_demand - 1.2) / 3.0, 0.0), 1.0)
    kept = load * elementary.exp(-seconds / residue_time)
    return added + (1.0 - added) * kept


@shared
def fraction(number: float, zero: float, one: float) -> float:
    """Return how far `number` is on the way from `zero` (0) to `one` (1), clipped to [0, 1]."""
    return min(max((number - zero) / (one - zero), 0.0), 1.0)


@shared
def faded_level(level: float, decay: float, strength: float) -> float:
    """Return the level [dB(A)] of a source at a strength in (0, 1]: `decay` quieter towards 0."""
    return level - decay * (1.0 - strength)
