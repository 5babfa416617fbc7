"""Elementary functions against high precision, and plain Python against compiled code."""

import math
from collections.abc import Callable
from decimal import Decimal, localcontext

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlkit import elementary
from rlkit.arrays import Floats
from rlkit.compiled import compiled

UNIT = Decimal(2) ** -53
DIGITS = 60

exponents = st.floats(-700, 700)
positive = st.floats(1e-300, 1e300) | st.floats(0.5, 2.0)


def reference_cdf(x: float) -> Decimal:
    """Return Phi(x) = 1/2 + sum (-1)^n x^(2n+1) / (2^n n! (2n+1)) / sqrt(2 pi)."""
    with localcontext() as context:
        context.prec = 2 * DIGITS
        exact = Decimal(x)
        term, total, n = exact, exact, 0
        while abs(term) > Decimal(10) ** -(2 * DIGITS):
            n += 1
            term *= -exact * exact / (2 * n)
            total += term / (2 * n + 1)
        pi = Decimal(
            "3.14159265358979323846264338327950288419716939937510582097494459230781640628620"
        )
        return Decimal("0.5") + total / (2 * pi).sqrt()


def error(found: float, right: Decimal) -> Decimal:
    """Return the error in units of 2^-53 of the right value."""
    with localcontext() as context:
        context.prec = DIGITS
        return abs((Decimal(found) - right) / right) / UNIT


@given(exponents)
def test_exp(x: float) -> None:
    with localcontext() as context:
        context.prec = DIGITS
        right = Decimal(x).exp()
    assert error(elementary.exp(x), right) <= 2


@given(positive)
def test_logarithms(x: float) -> None:
    with localcontext() as context:
        context.prec = DIGITS
        natural, decimal = Decimal(x).ln(), Decimal(x).log10()
    if x == 1.0:
        assert elementary.log(x) == elementary.log10(x) == 0.0
        return
    assert error(elementary.log(x), natural) <= 4
    assert error(elementary.log10(x), decimal) <= 6


@given(st.floats(1e-6, 1.0), st.floats(-4.0, 4.0))
def test_powers(base: float, exponent: float) -> None:
    with localcontext() as context:
        context.prec = DIGITS
        exponentiated = Decimal(exponent) * Decimal(base).ln()
        right = exponentiated.exp()
    allowed = 2 + 6 * abs(exponentiated)
    assert error(elementary.power(base, exponent), right) <= allowed


@given(st.floats(-12.0, 9.0))
def test_normal_distribution(x: float) -> None:
    right, found = reference_cdf(x), elementary.normal_cdf(x)

    assert abs(Decimal(found) - right) <= 4 * UNIT
    if x < 0:
        assert error(found, right) <= 8 + Decimal(x) ** 2


@given(st.floats(1e-9, 1 - 1e-9))
def test_normal_quantiles(probability: float) -> None:
    x = elementary.normal_quantile(probability)

    density = math.exp(-x * x / 2) / math.sqrt(2 * math.pi)
    assert abs(float(reference_cdf(x) - Decimal(probability))) <= 1e-15 * (1 + density)


def test_quantiles_agree_with_the_standard_library() -> None:
    from statistics import NormalDist

    for probability in (1e-6, 0.025, 0.31, 0.5, 0.84, 0.975):
        right = NormalDist().inv_cdf(probability)
        assert elementary.normal_quantile(probability) == pytest.approx(right, abs=1e-11)


@pytest.mark.parametrize(
    ("function", "x", "value"),
    [
        (elementary.exp, -math.inf, 0.0),
        (elementary.exp, -746.0, 0.0),
        (elementary.exp, 0.0, 1.0),
        (elementary.exp, 710.0, math.inf),
        (elementary.log, 0.0, -math.inf),
        (elementary.log, 1.0, 0.0),
        (elementary.log, math.inf, math.inf),
        (elementary.log, -1.0, math.nan),
        (elementary.exp, math.nan, math.nan),
        (elementary.log, math.nan, math.nan),
        (elementary.normal_cdf, 0.0, 0.5),
        (elementary.normal_cdf, -math.inf, 0.0),
        (elementary.normal_cdf, math.inf, 1.0),
    ],
)
def test_ends(function: Callable[[float], float], x: float, value: float) -> None:
    found = function(x)

    assert found == value or (math.isnan(found) and math.isnan(value))


def test_smallest_numbers() -> None:
    assert elementary.exp(-740.0) == pytest.approx(math.exp(-740.0), rel=1e-2)
    assert elementary.log(5e-324) == pytest.approx(math.log(5e-324), rel=1e-15)


@compiled
def tabulate(numbers: Floats, table: Floats) -> None:
    """Write what compiled code makes of each number."""
    for i in range(len(numbers)):
        table[i, 0] = elementary.exp(numbers[i])
        table[i, 1] = elementary.log(abs(numbers[i]))
        table[i, 2] = elementary.log10(abs(numbers[i]))
        table[i, 3] = elementary.normal_cdf(numbers[i])
        table[i, 4] = elementary.power(abs(numbers[i]), 0.65)


def test_compiled_code_gives_the_same_bits_as_plain_python() -> None:
    numbers = np.random.default_rng(0).normal(scale=6.0, size=4_000)
    table = np.empty((len(numbers), 5))

    tabulate(numbers, table)

    for x, row in zip(numbers.tolist(), table.tolist(), strict=True):
        assert row == [
            elementary.exp(x),
            elementary.log(abs(x)),
            elementary.log10(abs(x)),
            elementary.normal_cdf(x),
            elementary.power(abs(x), 0.65),
        ]


@given(st.floats(0.0, 1.0))
def test_half_a_wave(x: float) -> None:
    assert elementary.half_wave(x) == pytest.approx((1 + math.cos(math.pi * x)) / 2, abs=2**-50)
    assert elementary.half_wave(x) + elementary.half_wave(1 - x) == pytest.approx(1, abs=2**-50)


def test_half_a_wave_by_hand() -> None:
    found = [elementary.half_wave(x) for x in (0.0, 1 / 6, 0.25, 1 / 3, 0.5, 0.75, 1.0)]
    root2, root3 = math.sqrt(2), math.sqrt(3)
    wanted = [1, (2 + root3) / 4, (2 + root2) / 4, 0.75, 0.5, (2 - root2) / 4, 0]
    assert found == pytest.approx(wanted, abs=2**-51)
