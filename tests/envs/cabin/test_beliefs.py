"""Beliefs, look-ups and masks against independent computation."""

import numpy as np
import pytest
from numpy.typing import NDArray

from rlkit.envs.cabin.ontology.made_up import SHAPES, generate
from rlkit.envs.cabin.scenario.dialogue_tables import Settings, actions_of, feature_names
from rlkit.envs.cabin.simulator.simulator import RESET, Simulator
from rlkit.envs.cabin.state.acts import (
    AFFIRM,
    CONFIRM,
    DENY,
    DONTCARE,
    HELLO,
    INFORM,
    NEGATE,
    NO_SLOT,
    NO_VALUE,
    REQALTS,
    REQUEST,
)
from rlkit.envs.cabin.state.record import MATCHING
from tests.envs.cabin.support import simulator

COUNT = 24


def told(system: list[int], act: list[int], name: int) -> dict[int, int]:
    """Return what one hypothesis says of which slot, straight from the law of the tracker."""
    kind, items = act[0], [(act[k], act[k + 1]) for k in range(2, 2 + 2 * act[1], 2)]
    if kind == DENY:
        wrong, right = items if len(items) == 2 else ((0, DONTCARE), (0, DONTCARE))
        items = [] if DONTCARE in (wrong[1], right[1]) else [right]
    elif kind not in (INFORM, HELLO, REQALTS, AFFIRM, NEGATE, REQUEST):
        items = []
    if kind == AFFIRM and system[0] == CONFIRM:
        items.append((system[2], system[3]))
    said = {}
    for slot, value in items:
        asked = system[0] in (REQUEST, CONFIRM)
        about = system[2] if slot == NO_SLOT and value == DONTCARE and asked else slot
        if 0 <= about <= name and value != NO_VALUE:
            said[about] = value
    return said


def track(made: Simulator, before: NDArray[np.float32], i: int) -> None:
    """Assert that the slots' beliefs moved as the focus tracker says."""
    rules, row = made.tables.rules[0], made.record[i]
    name = int(rules["slots"])
    hypotheses = [
        (told(row["system"].tolist(), row["heard"][rank].tolist(), name), row["confidence"][rank])
        for rank in range(row["heard_count"])
    ]
    for slot in range(name + 1):
        start, values = int(rules["slot_belief"][slot]), int(rules["slot_values"][slot])
        expected = before[i, start : start + values + 2].astype(np.float64)
        evidence = np.zeros(values + 2)
        for said, confidence in hypotheses:
            if slot in said:
                evidence[said[slot] if said[slot] >= 0 else values + 1] += confidence
        expected = expected * (1.0 - evidence.sum()) + evidence
        found = made.state.belief[i, start : start + values + 2]
        assert found == pytest.approx(expected, abs=1e-5)
        without_none = np.delete(found, values)
        best = int(row["best"][slot, 0])
        if without_none.max() > 0:
            place = best if best >= 0 else values + 1
            assert found[place] == without_none.max()


@pytest.mark.parametrize("shape", ["venues3", "venues6"])
def test_focus_tracker(shape: str) -> None:
    made = simulator(generate(SHAPES[shape]), Settings(error_rate=0.3, masks=False), COUNT)
    outputs = made.new_outputs()
    made.advance(np.full(COUNT, RESET), outputs)
    rng = np.random.default_rng(1)
    for _ in range(12):
        actions = np.where(made.record["ended"], RESET, rng.integers(0, made.num_actions, COUNT))
        before = made.state.belief.copy()
        made.advance(actions, outputs)
        for i in np.flatnonzero((actions != RESET) & ~made.record["ended"]):
            track(made, before, int(i))


@pytest.mark.parametrize("shape", list(SHAPES))
def test_look_up_equals_a_scan_of_the_table(shape: str) -> None:
    domain = generate(SHAPES[shape])
    made = simulator(domain, Settings(error_rate=0.15), COUNT)
    outputs = made.new_outputs()
    made.advance(np.full(COUNT, RESET), outputs)
    rng = np.random.default_rng(2)
    for _ in range(6):
        actions = (rng.random(outputs.mask.shape) * outputs.mask).argmax(axis=1)
        made.advance(np.where(made.record["ended"], RESET, actions), outputs)
        for i in range(COUNT):
            scan(made, i)


def scan(made: Simulator, i: int) -> None:
    """Assert what the record says about matching venues."""
    rules, row, features = made.tables.rules[0], made.record[i], made.state.belief[i]
    accepted = {}
    for slot in range(int(rules["slots"])):
        start, values = int(rules["slot_belief"][slot]), int(rules["slot_values"][slot])
        masses = features[start : start + values + 2]
        top = int(masses.argmax())
        if top != values and masses[top] > 1.0 / (values - 0.1):
            accepted[slot] = (top if top < values else DONTCARE, float(masses[top]))
    if row["ended"]:
        return
    valued = {slot: value for slot, (value, _) in accepted.items() if value != DONTCARE}
    matching = [
        venue
        for venue, cells in enumerate(made.tables.venues)
        if all(cells[slot] == value for slot, value in valued.items())
    ]
    assert row["accepted"] == len(accepted)
    assert row["matches"] == len(matching)
    assert row["first_match"] == (matching[0] if matching else -1)
    open_slots = [slot for slot in range(int(rules["slots"])) if slot not in accepted]
    differ = any(len(set(made.tables.venues[matching, slot])) > 1 for slot in open_slots)
    assert bool(row["discriminable"]) == (len(matching) > 1 and differ)
    bits = np.unpackbits(made.state.rows[i, MATCHING].view(np.uint8), bitorder="little")
    assert np.flatnonzero(bits).tolist() == matching


def test_feature_names_are_unique_and_complete() -> None:
    for shape in SHAPES.values():
        domain = generate(shape)
        names = feature_names(domain)
        made = simulator(domain, Settings(), 1)
        assert len(names) == len(set(names)) == made.num_features


def test_shapes_have_the_reference_sizes() -> None:
    assert len(actions_of(generate(SHAPES["venues3"]))) == 16
    assert len(actions_of(generate(SHAPES["venues6"]))) == 25
    assert len(actions_of(generate(SHAPES["venues11"]))) == 40
    assert len(generate(SHAPES["venues3"]).requestables) == 9
    assert len(generate(SHAPES["venues6"]).requestables) == 11
    assert len(generate(SHAPES["venues11"]).requestables) == 21
    assert len(feature_names(generate(SHAPES["venues11"]))) == 257
