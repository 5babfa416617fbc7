"""Masks and the catalogue of acts: what an agent is shown is what its act is judged by."""

from typing import Any

import numpy as np
import pytest

from rlkit.envs.cabin import CabinVectorEnv
from rlkit.envs.cabin.assistant.handcrafted import action_of
from rlkit.envs.cabin.assistant.masks import is_legal, is_legal_in_car
from rlkit.envs.cabin.scenario.options import Options
from rlkit.envs.cabin.state.record import Seat, as_records
from rlkit.envs.cabin.state.tables import Tables

COUNT, STEPS = 6, 12


@pytest.mark.parametrize("ontology", ["venues3", "cabin"])
def test_an_act_is_judged_as_its_mask_says(ontology: str) -> None:
    env = CabinVectorEnv(COUNT, ontology=ontology, ser=0.3)
    policy, rng = env.handcrafted(), np.random.default_rng(0)
    _, info = env.reset(seed=0)
    seen = set()
    for step in range(STEPS):
        for i, mask in enumerate(info["action_mask"]):
            assert judged(env, i) == mask.tolist()
            seen |= set(enumerate(mask.tolist()))
        legal = (rng.random(info["action_mask"].shape) * info["action_mask"]).argmax(axis=1)
        _, _, _, _, info = env.step(policy.actions() if step % 2 else legal)

    assert len(seen) > 1.5 * info["action_mask"].shape[1]  # most acts were once legal, once not


def judged(env: CabinVectorEnv, i: int) -> list[int]:
    """Return for every act whether it would be legal now, 1 or 0."""
    simulator = env.simulator
    rules: Any = as_records(simulator.tables.rules)[0]
    dialogue: Any = as_records(simulator.record)[i]
    features = simulator.state.belief[i]
    if not simulator.driving:
        return [int(is_legal(rules, dialogue, features, act)) for act in range(rules.actions)]
    tables, car = Tables(*map(as_records, simulator.tables)), as_records(simulator.state.car)[i]
    seat = Seat(tables, rules, dialogue, features, simulator.state.rows[i], car)
    return [int(is_legal_in_car(seat, act)) for act in range(rules.actions)]


@pytest.mark.parametrize("ontology", ["venues3", "cabin"])
def test_every_act_of_the_catalogue_is_found_by_what_it_does(ontology: str) -> None:
    scenario = Options(ontology=ontology).load()
    rules: Any = as_records(scenario.tables.rules)[0]
    found = [action_of(rules, act.kind, act.slot) for act in scenario.actions]

    assert found == list(range(len(scenario.actions)))
    assert action_of(rules, -1, -1) == -1
