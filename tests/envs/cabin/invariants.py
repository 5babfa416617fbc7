"""What must hold in every state of the simulator, whatever the ontology and the actions."""

import numpy as np
import pytest
from numpy.typing import NDArray

from rlkit.envs.cabin import CabinVectorEnv
from rlkit.envs.cabin.state.acts import MAX_ITEMS
from rlkit.envs.cabin.state.record import (
    AGENDA_SIZE,
    DISCOURSE,
    MAX_REQUESTS,
    MAX_USED,
    METHODS,
    N_BEST,
)

COUNTERS = {
    "agenda_size": (0, AGENDA_SIZE),
    "request_count": (1, MAX_REQUESTS),
    "used_count": (0, MAX_USED),
    "heard_count": (1, N_BEST),
}


def assert_sound(env: CabinVectorEnv) -> None:
    """Assert every invariant of the state as it stands."""
    assert_distributions(env)
    assert_counters(env)
    masks = env.action_masks()
    assert masks.any(axis=1).all()
    assert np.isfinite(env.simulator.record["reward"]).all()
    assert np.isfinite(env.simulator.record["terms"]).all()


def assert_distributions(env: CabinVectorEnv) -> None:
    """Assert that beliefs are distributions, and that what was heard is one."""
    rules, belief = env.simulator.tables.rules[0], env.simulator.state.belief
    assert np.isfinite(belief).all()
    assert belief.min() >= 0.0
    assert belief.max() <= 1.0
    starts = [int(rules["slot_belief"][slot]) for slot in range(int(rules["slots"]) + 1)]
    for start, end in zip(starts, [*starts[1:], int(rules["method"])], strict=True):
        assert_sums_to_one(belief[:, start:end])
    assert_sums_to_one(belief[:, rules["method"] : rules["method"] + len(METHODS)])
    assert_sums_to_one(belief[:, rules["discourse"] : rules["discourse"] + len(DISCOURSE)])
    record = env.simulator.record
    listed = np.arange(N_BEST) < record["heard_count"][:, None]
    heard = np.where(listed, record["confidence"], 0.0).sum(axis=1) + record["null_confidence"]
    assert heard == pytest.approx(1.0, abs=1e-9)


def assert_sums_to_one(masses: NDArray[np.float32]) -> None:
    """Assert that every row is a distribution."""
    assert masses.sum(axis=1, dtype=np.float64) == pytest.approx(1.0, abs=1e-4)


def assert_counters(env: CabinVectorEnv) -> None:
    """Assert that every counter and index is in its range."""
    record, rules = env.simulator.record, env.simulator.tables.rules[0]
    assert ((record["turn"] >= 0) & (record["turn"] <= rules["max_turns"])).all()
    for name, (low, high) in COUNTERS.items():
        assert record[name].min() >= low, name
        assert record[name].max() <= high, name
    assert (record["patience"] <= record["patience_start"]).all()
    assert (record["patience"] >= 0).all()
    for name in ("accepted_venue", "known_venue", "last_offered", "first_match"):
        assert record[name].min() >= -1, name
        assert record[name].max() < rules["venues"], name
    for name in ("said", "system"):
        assert ((record[name][:, 1] >= 0) & (record[name][:, 1] <= MAX_ITEMS)).all()
    values = rules["slot_values"][: rules["slots"]]
    assert (record["goal"][:, : rules["slots"]] < values).all()
