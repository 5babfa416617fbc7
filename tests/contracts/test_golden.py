"""The dynamics of every registered id, held to recorded trajectories.

A change here is a change of the environment's law: after a release it needs a new version of the
id. `python -m tests.contracts.test_golden` prints the hashes of the present code.
"""

import hashlib
from typing import Any

import numpy as np
import pytest

from rlkit.registration import TABLE
from tests.contracts.fingerprints import played

GOLDEN = {
    "rlkit/Cabin-v0": "d9d67ced99c13ca3",
    "rlkit/CabinCity-v0": "7d52ffa15cce259e",
    "rlkit/CabinMotorway-v0": "0ff266d983d95f47",
    "rlkit/CabinParked-v0": "09fb6f6132796dfb",
    "rlkit/CabinBench1-v0": "e7ecd0dca6cf716e",
    "rlkit/CabinBench2-v0": "51938dc328afa448",
    "rlkit/CabinBench3-v0": "2bd26f69c8d21438",
    "rlkit/CabinBench4-v0": "b741ca923165f694",
    "rlkit/CabinBench5-v0": "a0e111e3d07994fd",
    "rlkit/CabinBench6-v0": "894ee2c549a2b339",
    "rlkit/CabinTabular-v0": "d1a693ba5a937d8c",
    "rlkit/GridWorld-v0": "9d3ae910bad948f7",
    "rlkit/SmallGrid-v0": "3367cd04eccdbbe5",
    "rlkit/CliffWalking-v0": "e1a480522511b335",
    "rlkit/WindyGridWorld-v0": "d61c24455ea08030",
    "rlkit/RandomWalk-v0": "8d99ee4d5b104f95",
    "rlkit/FourRooms-v0": "e7b8e9fd88173945",
    "rlkit/CabinBench1-v0 venues6": "7d46e1e5b73b30b8",
    "rlkit/CabinBench1-v0 venues11": "29f1d822efb68be2",
    "rlkit/CabinBench2-v0 venues6": "807be2179f8cdbfb",
    "rlkit/CabinBench2-v0 venues11": "b2e74febab39bdc3",
    "rlkit/CabinBench3-v0 venues6": "98a704cc3d2577d5",
    "rlkit/CabinBench3-v0 venues11": "1dd247a7a47c0e04",
    "rlkit/CabinBench4-v0 venues6": "8089a58a299b1049",
    "rlkit/CabinBench4-v0 venues11": "69419c4187c3fffa",
    "rlkit/CabinBench5-v0 venues6": "4bca013fbdb42ece",
    "rlkit/CabinBench5-v0 venues11": "83cf91e39774e1da",
    "rlkit/CabinBench6-v0 venues6": "5e1b70b0fbcad11b",
    "rlkit/CabinBench6-v0 venues11": "da95a1005088a115",
}
VENUES: list[tuple[str, str]] = [
    (f"rlkit/CabinBench{number}-v0", ontology)
    for number in range(1, 7)
    for ontology in ("venues6", "venues11")
]
CASES: list[tuple[str, dict[str, Any]]] = [(entry.id, {}) for entry in TABLE] + [
    (env_id, {"ontology": ontology}) for env_id, ontology in VENUES
]


def trajectory_hash(env_id: str, arguments: dict[str, Any]) -> str:
    """Return a hash of some hundred steps: integers exactly, floats rounded to 1e-4."""
    seen = hashlib.sha256()
    for arrays in played(env_id, **arguments):
        note(seen, *arrays)
    return seen.hexdigest()[:16]


def note(digest: Any, *arrays: Any) -> None:
    """Add arrays to the digest."""
    for array in arrays:
        numbers = np.asarray(array)
        if numbers.dtype.kind == "f":
            numbers = np.round(numbers.astype(np.float64) * 1e4)
        digest.update(numbers.astype("<i8").tobytes())


def label(env_id: str, arguments: dict[str, Any]) -> str:
    """Return the name of a case."""
    return " ".join([env_id, *arguments.values()])


@pytest.mark.parametrize(("env_id", "arguments"), CASES)
def test_trajectories_are_the_recorded_ones(env_id: str, arguments: dict[str, Any]) -> None:
    assert trajectory_hash(env_id, arguments) == GOLDEN[label(env_id, arguments)]


def test_an_id_is_no_other() -> None:
    assert len(set(GOLDEN.values())) == len(GOLDEN) == len(CASES)


if __name__ == "__main__":
    for case in CASES:
        print(f'    "{label(*case)}": "{trajectory_hash(*case)}",')  # noqa: T201
