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
    "rlkit/Cabin-v0": "f13e86256121c19e",
    "rlkit/CabinCity-v0": "465b36ccf462c5e2",
    "rlkit/CabinMotorway-v0": "081d3ebbafce9fb3",
    "rlkit/CabinParked-v0": "1eb0a20091ba181c",
    "rlkit/CabinBench1-v0": "83361dd41ea802ab",
    "rlkit/CabinBench2-v0": "61908c7e63e82cda",
    "rlkit/CabinBench3-v0": "efcbe3cb3cf09fb8",
    "rlkit/CabinBench4-v0": "4ed0551c7f672657",
    "rlkit/CabinBench5-v0": "afb497851ad2a52c",
    "rlkit/CabinBench6-v0": "e63e5a0e2e7fef80",
    "rlkit/CabinTabular-v0": "d1a693ba5a937d8c",
    "rlkit/GridWorld-v0": "9d3ae910bad948f7",
    "rlkit/SmallGrid-v0": "3367cd04eccdbbe5",
    "rlkit/CliffWalking-v0": "e1a480522511b335",
    "rlkit/WindyGridWorld-v0": "d61c24455ea08030",
    "rlkit/RandomWalk-v0": "8d99ee4d5b104f95",
    "rlkit/FourRooms-v0": "e7b8e9fd88173945",
    "rlkit/CabinBench1-v0 venues6": "9c45e1a5d7fd6a0b",
    "rlkit/CabinBench1-v0 venues11": "402106b1c74a955e",
    "rlkit/CabinBench2-v0 venues6": "2bbbdaea7f0e19dd",
    "rlkit/CabinBench2-v0 venues11": "85cb6aaa100d52c0",
    "rlkit/CabinBench3-v0 venues6": "5b4383ef68758eb2",
    "rlkit/CabinBench3-v0 venues11": "f473fd5d3b34676e",
    "rlkit/CabinBench4-v0 venues6": "3df63429e2e2f35d",
    "rlkit/CabinBench4-v0 venues11": "cd3b299b81d7b479",
    "rlkit/CabinBench5-v0 venues6": "43520ee06cbc2776",
    "rlkit/CabinBench5-v0 venues11": "d6725209cfcf5882",
    "rlkit/CabinBench6-v0 venues6": "8691e1ef2224e19e",
    "rlkit/CabinBench6-v0 venues11": "60e119b7637f47ff",
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
