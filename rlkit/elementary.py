"""Elementary functions that give the same bits on every machine.

The C library's exp, log, pow and erfc, and NumPy's, take other instructions on other processors
and differ there in the last bit. These are made of nothing but sums, products, quotients and
changes of the exponent, which IEEE 754 rounds in one way, in a fixed order; plain Python and
kernels agree bit for bit. Whatever makes a law, a table or a step size calls these. (Square roots
need no such care: IEEE 754 rounds them in one way too.)

Errors are given in units of 2^-53 of the result.
"""

import math

import numpy as np

from rlkit.compiled import shared

LN2_HIGH, LN2_LOW = 0.6931471805598903, 5.497923018708371e-14
"""The logarithm of 2 as a sum; small integers times the first are exact."""
LOG2_E, LOG10_E = 1.4426950408889634, 0.4342944819032518
LARGEST, SMALLEST = 709.782712893384, -707.0
"""Beyond these exp(x) is infinite, or next to the smallest number of full precision."""
TINY = 2.0**-1022
"""The smallest number of full precision."""
FRACTION = 52
"""Bits of a number below its exponent."""
HALF_ROOT = 0x3FE6_A09E_667F_3BCD
"""The bits of sqrt(1/2)."""

C = (1 / 6, -1 / 360, 1 / 15_120, -1 / 604_800, 1 / 23_950_080, -691 / 653_837_184_000)
"""r coth(r / 2) = 2 + r^2/6 - r^4/360 + ... (2 B_2k / (2k)!, with Bernoulli's numbers)."""
A = tuple(1 / (2 * k + 1) for k in range(1, 11))
"""artanh(s) = s (1 + s^2/3 + s^4/5 + ...)."""
S = (
    1.0,
    -1 / 6,
    1 / 120,
    -1 / 5_040,
    1 / 362_880,
    -1 / 39_916_800,
    1 / 6_227_020_800,
    -1 / 1_307_674_368_000,
)
"""sin y = y (1 - y^2/6 + y^4/120 - ...)."""
CENTRE = 5.0
TAIL = (
    0.769193049750063,
    -0.665382502890057,
    0.4953056159699761,
    -0.3135331566712811,
    0.16502036617040705,
    -0.0691186387070788,
    0.02079506679927978,
    -0.0029933767588929696,
    -0.0007978693896214666,
    0.0005448989678067301,
    -5.937580520734689e-05,
    -4.976232562740196e-05,
    1.6681634711293694e-05,
    3.979355531855443e-06,
    -2.770734796050303e-06,
    -3.3353249867432987e-07,
    4.364151268952791e-07,
    3.856007040219001e-08,
    -7.048962494230879e-08,
    -6.932887246302887e-09,
    1.1312676436572751e-08,
    1.2682007125726964e-09,
    -1.5616328191231981e-09,
    -1.3257025388451077e-10,
    1.293585043172264e-10,
)
"""(u + 5) Phi(-u) exp(u^2 / 2) as a polynomial in t = (u - 5) / (u + 5), for u from 0 to infinity:
its Chebyshev interpolation at 25 nodes, in 50 digits, by rising powers of t."""


@shared
def exp(x: float) -> float:
    """Return e^x, within 2 units; 0 for x below -707."""
    if not SMALLEST <= x <= LARGEST:
        return x if x != x else (math.inf if x > 0.0 else 0.0)  # noqa: PLR0124 - NaN stays NaN
    twos = math.floor(x * LOG2_E + 0.5)
    rest = (x - twos * LN2_HIGH) - twos * LN2_LOW
    z = rest * rest
    # Summed in pairs, which a processor can do at the same time.
    low, high = C[0] + z * C[1], C[2] + z * C[3] + z * z * (C[4] + z * C[5])
    series = z * (low + z * z * high)
    # e^r = (c + r) / (c - r) with c = r coth(r / 2).
    value = 1.0 + 2.0 * rest / (2.0 + series - rest)
    # Half of the result, whose exponent fits wherever that of the result does.
    bits = np.float64(value).view(np.int64) + ((twos - 1) << FRACTION)
    return 2.0 * float(np.int64(bits).view(np.float64))


@shared
def log(x: float) -> float:
    """Return the natural logarithm of x, within 4 units; of 0 it is -infinity, below it NaN."""
    if not 0.0 < x < math.inf:
        return -math.inf if x == 0.0 else (x if x > 0.0 else math.nan)
    more = 54 if x < TINY else 0
    bits = np.float64(x * 2.0**54 if more else x).view(np.int64)
    twos = (bits - HALF_ROOT) >> FRACTION
    share = float(np.int64(bits - (twos << FRACTION)).view(np.float64))  # sqrt(1/2) ... sqrt(2)
    twos -= more
    s = (share - 1.0) / (share + 1.0)
    z = s * s
    z2 = z * z
    low = A[0] + z * A[1] + z2 * (A[2] + z * A[3])
    high = A[4] + z * A[5] + z2 * (A[6] + z * A[7]) + z2 * z2 * (A[8] + z * A[9])
    series = z * (low + z2 * z2 * high)
    double = 2.0 * s
    return twos * LN2_HIGH + (double + (double * series + twos * LN2_LOW))


@shared
def log10(x: float) -> float:
    """Return the logarithm of x to the base 10, within 6 units."""
    return log(x) * LOG10_E


@shared
def power(base: float, exponent: float) -> float:
    """Return base^exponent for a positive base, within 2 + 6 |exponent log(base)| units."""
    return exp(exponent * log(base))


@shared
def half_wave(x: float) -> float:
    """Return (1 + cos(pi x)) / 2 for x in [0, 1], within 2^-51: from 1 down to 0."""
    y = 0.5 * math.pi * min(x, 1.0 - x)
    z = y * y
    series = S[6] + z * S[7]
    for k in (5, 4, 3, 2, 1, 0):
        series = series * z + S[k]
    square = z * series * series  # sin(y)^2
    return 1.0 - square if x <= 0.5 else square


@shared
def normal_cdf(x: float) -> float:
    """Return the standard normal distribution function Phi(x).

    The error is below 2^-51, and for negative x within 8 + x^2 units too.
    """
    u = abs(x)
    if u > 37.5:  # the tail is below the smallest number of full precision
        return 0.0 if x < 0.0 else 1.0
    t = (u - CENTRE) / (u + CENTRE)
    t2 = t * t
    t4 = t2 * t2
    # Four sums that a processor can run at the same time, by powers of t^4.
    a, b, c, d = TAIL[20] + t4 * TAIL[24], TAIL[21], TAIL[22], TAIL[23]
    for k in (16, 12, 8, 4, 0):
        a, b = a * t4 + TAIL[k], b * t4 + TAIL[k + 1]
        c, d = c * t4 + TAIL[k + 2], d * t4 + TAIL[k + 3]
    polynomial = (a + t * b) + t2 * (c + t * d)
    tail = exp(-0.5 * u * u) * polynomial / (u + CENTRE)
    return tail if x < 0.0 else 1.0 - tail


def normal_quantile(probability: float) -> float:
    """Return the x at which Phi(x) is `probability`, in [1e-9, 1 - 1e-9], within 1e-15 / density.

    Newton's method: below the middle Phi is convex, so from 0 it comes down to x and never past it.
    """
    if probability > 0.5:
        return -normal_quantile(1.0 - probability)
    x = 0.0
    while True:
        density = exp(-0.5 * x * x) / math.sqrt(2.0 * math.pi)
        step = (normal_cdf(x) - probability) / density
        if step <= 1e-15:
            return x
        x -= step
