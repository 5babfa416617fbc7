"""The last exchange of a dialogue as plain data, read from the simulator's state."""

from typing import Any

import numpy as np

from rlkit.envs.cabin.domain import Domain
from rlkit.envs.cabin.notation import act_text, value_text
from rlkit.envs.cabin.observation import Dialogues
from rlkit.envs.cabin.reward import REWARD_TERMS
from rlkit.envs.cabin.scenario import actions_of
from rlkit.envs.cabin.simulator import Simulator
from rlkit.envs.cabin.state import METHODS
from rlkit.envs.cabin.transcript import Exchange, Goal

OPEN = 0.5
"""Mass above which a question of the driver counts as open."""


def exchange(domain: Domain, simulator: Simulator, i: int) -> Exchange:
    """Return the last exchange of environment i."""
    record = simulator.record[i]
    action = int(record["action"])
    told: dict[str, Any] = {
        "turn": int(record["turn"]),
        "action": actions_of(domain, simulator.driving)[action].name if action >= 0 else None,
        "illegal": bool(record["illegal"]),
        "system": act_text(domain, record["system"]),
        "reward": round(float(record["reward"]), 4),
        "terms": {REWARD_TERMS[k]: round(float(record["terms"][k]), 4) for k in simulator.weighted},
        "goal": goal(domain, record),
    }
    if record["ended"]:
        return Exchange(**told, success=bool(record["success"]))
    return Exchange(
        **told,
        user=act_text(domain, record["said"]),
        heard=[
            (act_text(domain, record["heard"][rank]), round(float(record["confidence"][rank]), 4))
            for rank in range(record["heard_count"])
        ],
        silence=round(float(record["null_confidence"]), 4),
        belief=beliefs(domain, simulator, i),
        method=METHODS[record["method"]],
        asked=questions(domain, simulator, i),
    )


def goal(domain: Domain, record: np.void) -> Goal:
    """Return the driver's goal as it stands."""
    values = {name: value_text(domain, k, record["goal"][k]) for k, name in enumerate(domain.slots)}
    requests = record["requests"][: record["request_count"]]
    return Goal(
        constraints={name: value for name, value in values.items() if value is not None},
        requests=[domain.requestables[slot] for slot in requests],
    )


def beliefs(domain: Domain, dialogues: Dialogues, i: int) -> dict[str, tuple[str, float]]:
    """Return each slot's most believed value with its mass, where there is one."""
    record, features = dialogues.state.record[i], dialogues.state.belief[i]
    rules = dialogues.tables.rules[0]
    found = {}
    for slot, name in enumerate((*domain.slots, domain.entity)):
        value = int(record["best"][slot, 0])
        text = value_text(domain, slot, value)
        if text is None:
            continue
        place = value if value >= 0 else int(rules["slot_values"][slot]) + 1
        mass = float(features[int(rules["slot_belief"][slot]) + place])
        if mass > 0.0:
            found[name] = (text, round(mass, 4))
    return found


def questions(domain: Domain, simulator: Simulator, i: int) -> list[str]:
    """Return what the assistant thinks the driver wants to know."""
    start = int(simulator.tables.rules[0]["requested"])
    masses = simulator.state.belief[i, start : start + len(domain.requestables)]
    return [domain.requestables[slot] for slot in np.flatnonzero(masses > OPEN)]
