"""A long run: nothing drifts, nothing overflows, nothing leaks.

`pytest -m study tests/envs/cabin/test_soak.py`; `RLKIT_SOAK_DECISIONS` changes its length.
"""

import os
import sys

import numpy as np
import pytest

from rlkit.envs.cabin import CabinVectorEnv, HandcraftedPolicy
from tests.envs.cabin.invariants import assert_sound

resource = pytest.importorskip("resource", reason="Windows has no such count of memory")

DECISIONS = int(float(os.environ.get("RLKIT_SOAK_DECISIONS", "1e9")))
COUNT, ROUND = 2048, 100
ALLOWED_GROWTH = 20_000
"""Growth of the peak memory after the first rounds [kB]; 10^9 leaked bytes would be a million."""
CASES = [("venues3", 0.15), ("venues6", 0.30), ("venues11", 1.0)]


def peak() -> float:
    """Return the most memory that this process has held so far [kB]; macOS tells bytes."""
    most = float(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    return most / 1000.0 if sys.platform == "darwin" else most


def soak(env: CabinVectorEnv, decisions: int, seed: int) -> None:
    """Play random, legal and handcrafted acts in turn, and look after every round."""
    policy = HandcraftedPolicy(env)
    rng = np.random.default_rng(seed)
    env.reset(seed=seed)
    settled = 0.0
    for number in range(max(4, decisions // (env.num_envs * ROUND))):
        for _ in range(ROUND):
            wishes = rng.random((env.num_envs, len(env.actions)))
            if number % 3 == 0:
                wishes *= env.action_masks()
            actions = policy.actions() if number % 3 == 1 else wishes.argmax(axis=1)
            _, reward, _, truncated, _ = env.step(actions)
            assert np.isfinite(reward).all()
            assert not truncated.any()
        assert_sound(env)
        if number == 3:
            settled = peak()
    assert peak() - settled < ALLOWED_GROWTH


@pytest.mark.study
@pytest.mark.timeout(0)
@pytest.mark.parametrize(("ontology", "error_rate"), CASES)
def test_soak(ontology: str, error_rate: float) -> None:
    env = CabinVectorEnv(COUNT, ontology=ontology, ser=error_rate)
    soak(env, DECISIONS // len(CASES), seed=10_000)


def test_the_first_thousands() -> None:
    """The same, short enough for every run of the tests."""
    soak(CabinVectorEnv(256, ser=0.3), 0, seed=0)
