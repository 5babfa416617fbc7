"""What every assumption of the driving scenarios does: raised, its measure rises or falls."""

import pytest

from studies.calibration.constants import constants
from studies.calibration.signs import SIGNS, Sign, effect


@pytest.mark.parametrize("sign", SIGNS, ids=[sign.constant for sign in SIGNS])
def test_sign_of_the_effect(sign: Sign) -> None:
    change = effect(sign)
    if sign.sign > 0:
        assert change.low > 0
    else:
        assert change.high < 0


def test_every_constant_has_one_sign() -> None:
    signed = [sign.constant for sign in SIGNS]
    assert sorted(signed) == sorted(constants())


def test_assumptions_are_told_from_constants_with_a_source() -> None:
    known = constants()
    assert known["road_noise"].assumed
    assert known["fan_noise"].assumed  # "assumption; the largest source after windows in ..."
    assert not known["residue_time"].assumed
    assert known["residue_time"].source == "literature: 15-27 s"
    assert known["rain_noise"].unit == "dB(A)"
    assert known["mood_misheard"].unit == "[0, 1]"
    assert sum(constant.assumed for constant in known.values()) > 40
