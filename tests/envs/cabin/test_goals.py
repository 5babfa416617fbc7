"""Goals against the law they stand for: draw until two or three venues match."""

import numpy as np
import pytest

from rlkit.envs.cabin.ontology.domain import Domain
from rlkit.envs.cabin.ontology.made_up import VENUES3, Shape, generate
from rlkit.envs.cabin.scenario.dialogue_tables import Settings
from rlkit.envs.cabin.scenario.goals import enumerate_goals
from rlkit.envs.cabin.simulator.simulator import RESET
from rlkit.envs.cabin.state.acts import DONTCARE, NO_VALUE
from tests.envs.cabin.support import simulator

SMALL = Shape("small", {"a": 3, "b": 4, "c": 2, "d": 2}, rows=30, private=("phone",))


def matching(domain: Domain, goal: np.ndarray[tuple[int], np.dtype[np.int16]]) -> int:
    """Count the venues that meet a goal over all slots."""
    meets = [
        all(value < 0 or row[slot] == value for slot, value in enumerate(goal))
        for row in domain.cells
    ]
    return sum(meets)


def test_enumerated_law_equals_rejection_sampling() -> None:
    domain = generate(SMALL)
    rng = np.random.default_rng(0)
    drawn: dict[tuple[int, ...], int] = {}
    total = 0
    while total < 20_000:
        goal = np.full(4, NO_VALUE, np.int16)
        for slot in rng.permutation(4)[:3]:
            value = int(rng.integers(len(domain.values[slot]) + 1))
            goal[slot] = DONTCARE if value == len(domain.values[slot]) else value
        if matching(domain, goal) in (2, 3):
            drawn[tuple(goal.tolist())] = drawn.get(tuple(goal.tolist()), 0) + 1
            total += 1

    groups, goals = enumerate_goals(domain)
    law = {}
    before = 0.0
    for group in groups:
        for values in goals[group["first"] : group["first"] + group["count"]]:
            goal = np.full(4, NO_VALUE, np.int16)
            goal[group["slots"][: group["size"]]] = values[: group["size"]]
            law[tuple(goal.tolist())] = (group["cdf"] - before) / group["count"]
        before = group["cdf"]

    assert set(drawn) <= set(law)
    assert sum(law.values()) == pytest.approx(1.0)
    for goal_key, probability in law.items():
        expected = probability * total
        assert drawn.get(goal_key, 0) == pytest.approx(expected, abs=5 * np.sqrt(expected) + 3)


def test_every_drawn_goal_has_two_or_three_venues() -> None:
    domain = generate(VENUES3)
    made = simulator(domain, Settings(), 500)
    made.advance(np.full(500, RESET), made.new_outputs())

    for row in made.record:
        assert matching(domain, row["goal"][:3]) in (2, 3)
        assert (row["goal"][:3] != NO_VALUE).all()
        requests = row["requests"][: row["request_count"]]
        assert requests[0] == 3
        assert 1 <= len(requests) <= 3
        assert len(set(requests)) == len(requests)


def test_a_table_of_one_row_still_has_a_goal() -> None:
    domain = generate(Shape("one", {"a": ("x", "y")}, rows=1, private=()))

    groups, goals = enumerate_goals(domain)

    assert len(groups) == 1
    assert {int(goal[0]) for goal in goals} <= {0, 1, DONTCARE}
