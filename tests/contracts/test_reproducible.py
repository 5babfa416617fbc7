"""The same bits on other machines, which fresh processes with other settings stand for.

One setting differs from the default at a time. Each shows that it took effect, by results that do
depend on it; where it does not, on this machine, the test is skipped and says so.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from tests.contracts import fingerprints

PROGRAM = Path(fingerprints.__file__)
Found = dict[str, Any]
LIBRARY = tuple(f"{name} of the C library" for name in ("exp", "log", "pow", "tanh"))


class Setting(NamedTuple):
    """A way in which machines differ: what brings it about, and how it shows."""

    environ: dict[str, str]
    took_effect: Callable[[Found, Found], bool]
    options: tuple[str, ...] = ()
    wanted: tuple[str, ...] = ("suite", "bench", "solved")


def simd_levels() -> str:
    """Return the levels beyond its baseline that this NumPy was built for, by its own names."""
    return " ".join(np._core._multiarray_umath.__cpu_dispatch__)  # type: ignore[attr-defined]


def differs(*names: str) -> Callable[[Found, Found], bool]:
    """Return a test that what `machine` says under one of these names is not the default."""
    return lambda here, default: any(here[name] != default[name] for name in names)


def processor(name: str) -> Callable[[Found, Found], bool]:
    """Return a test that numba compiles for another processor, of this name."""

    def took_effect(here: Found, default: Found) -> bool:
        chosen: str = here["processor of numba"][0]
        return chosen == name and here["processor of numba"] != default["processor of numba"]

    return took_effect


def threads(number: int) -> Setting:
    """Return the setting in which every library has so many threads."""
    names = ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")

    def took_effect(here: Found, _: Found) -> bool:
        return here["threads of numba"] == number and set(here["threads of BLAS"]) == {number}

    return Setting(dict.fromkeys(names, str(number)), took_effect)


SETTINGS = {
    "BLAS moved by a last bit": Setting({}, differs("LAPACK"), ("--shake", "1")),
    "without NumPy's SIMD": Setting(
        {"NPY_DISABLE_CPU_FEATURES": simd_levels()}, differs("SIMD levels of NumPy")
    ),
    # Kernels are compiled anew for a processor, and the benchmark's takes a minute.
    "compiled for any processor": Setting(
        {"NUMBA_CPU_NAME": "generic"}, processor("generic"), wanted=("suite",)
    ),
    "compiled for haswell": Setting(
        {"NUMBA_CPU_NAME": "haswell", "NUMBA_CPU_FEATURES": "+avx2,+fma,+bmi,+bmi2"},
        processor("haswell"),
        wanted=("suite",),
    ),
    "another C library": Setting(
        {"GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2,-FMA,-FMA4"}, differs(*LIBRARY)
    ),
    "one thread": threads(1),
    "two threads": threads(2),
}
MORE_SHAKING = {
    f"BLAS moved by a last bit, again ({seed})": Setting({}, differs("LAPACK"), ("--shake", seed))
    for seed in ("2", "3")
}


def run(setting: Setting, parts: tuple[str, ...]) -> Found:
    """Return what a fresh process computes under a setting."""
    command = [sys.executable, str(PROGRAM), *parts, *setting.options]
    environ = {**os.environ, **setting.environ}
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: Found = json.loads(done.stdout)
    return found


@cache
def default(*parts: str) -> Found:
    """Return what a fresh process computes without any setting."""
    return run(Setting({}, differs()), parts)


def assert_the_same(setting: Setting, parts: tuple[str, ...], plain: Found) -> int:
    """Assert that a setting, which must have taken effect, changes nothing; return how much."""
    here = run(setting, parts)
    if not setting.took_effect(here.pop("machine"), plain["machine"]):
        pytest.skip(f"this machine computes no differently with {setting.environ}")
    exact = {name: found for name, found in here.items() if not name.startswith("values of")}
    assert exact == {name: plain[name] for name in exact}
    for name in here.keys() - exact.keys():
        assert_same_values(here[name], plain[name])
    return len(here)


@pytest.mark.parametrize("name", SETTINGS)
def test_the_same_bits(name: str) -> None:
    setting = SETTINGS[name]

    assert assert_the_same(setting, setting.wanted, default("suite", "bench", "solved")) >= 18


@pytest.mark.study
@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("name", [*SETTINGS, *MORE_SHAKING])
def test_the_same_bits_of_everything(name: str) -> None:
    setting = {**SETTINGS, **MORE_SHAKING}[name]

    assert assert_the_same(setting, ("everything",), default("everything")) >= 69


def assert_same_values(here: Found, plain: Found) -> None:
    """Assert that certified values agree within their bounds, and print the same three digits."""
    apart = np.abs(np.subtract(here["values"], plain["values"]))
    assert apart.max() <= here["bound"] + plain["bound"]
    printed = [[f"{value:.3f}" for value in found["values"]] for found in (here, plain)]
    assert printed[0] == printed[1]


def test_a_law_that_is_moved_is_found() -> None:
    """By a thousandth all that stands on it is found; by a last bit the law alone, and no table."""
    moving = (
        "import sys; sys.argv = ['fingerprints', 'suite']; sys.path.insert(0, {folder!r})\n"
        "import math; from rlkit.envs.cabin.car import laws; law = laws.answer_probability\n"
        "laws.answer_probability = lambda *given: {moved}\n"
        "import fingerprints; fingerprints.main()"
    )
    plain = default("suite", "bench", "solved")
    cabin, found = "rlkit/CabinTabular-v0", []
    for moved in ("law(*given) * 1.001", "math.nextafter(law(*given), 2.0)"):
        program = moving.format(folder=str(PROGRAM.parent), moved=moved)
        command = [sys.executable, "-c", program]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        here = json.loads(done.stdout)
        found.append({name for name in here if name != "machine" and here[name] != plain[name]})
    assert {f"{what} of {cabin}" for what in ("P", "R", "alias tables", "trajectories")} <= found[0]
    assert f"q-learning in {cabin}" in found[0]
    assert found[1] == {"laws: exact cabin"}
