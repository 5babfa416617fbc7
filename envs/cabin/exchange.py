"""The last exchange of a dialogue as plain data, read from the simulator's state."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from rlkit.envs.cabin.acts import DONTCARE, NO_SLOT, NO_VALUE, SYSTEM_ACTS, TYPE_SLOT
from rlkit.envs.cabin.domain import Domain
from rlkit.envs.cabin.reward import REWARD_TERMS
from rlkit.envs.cabin.scenario import actions_of
from rlkit.envs.cabin.simulator import Simulator
from rlkit.envs.cabin.state import METHODS
from rlkit.envs.cabin.transcript import Exchange, Goal

OPEN = 0.5
"""Mass above which a question of the driver counts as open."""


def act_text(domain: Domain, act: NDArray[np.int16]) -> str:
    """Return an act in the usual notation, such as `inform(food=thai, area=dontcare)`."""
    items = [_item_text(domain, int(act[2 + 2 * k]), int(act[3 + 2 * k])) for k in range(act[1])]
    return f"{SYSTEM_ACTS[act[0]]}({', '.join(items)})"


def _item_text(domain: Domain, slot: int, value: int) -> str:
    if slot == TYPE_SLOT:
        return f"type={domain.name}"
    name = "" if slot == NO_SLOT else domain.requestables[slot]
    text = value_text(domain, slot, value)
    return name if text is None else f"{name}={text}"


def value_text(domain: Domain, slot: int, value: int) -> str | None:
    """Return a value's name; None if there is none."""
    if value == DONTCARE:
        return "dontcare"
    if value == NO_VALUE or not 0 <= slot <= len(domain.slots):
        return None
    return domain.venues[value] if slot == len(domain.slots) else domain.values[slot][value]


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


def beliefs(domain: Domain, simulator: Simulator, i: int) -> dict[str, tuple[str, float]]:
    """Return each slot's most believed value with its mass, where there is one."""
    record, features = simulator.record[i], simulator.state.belief[i]
    rules = simulator.tables.rules[0]
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
