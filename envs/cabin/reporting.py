"""What is told beside observation and reward: `info`, the last exchange, and wrong actions."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rlkit.envs.cabin.assistant.matching import CERTAIN, best_mass
from rlkit.envs.cabin.car.road import row_after
from rlkit.envs.cabin.language.notation import act_text, value_text
from rlkit.envs.cabin.language.transcript import SILENCE, Drive, Exchange, GoalText
from rlkit.envs.cabin.observation import Dialogues
from rlkit.envs.cabin.ontology.domain import Domain
from rlkit.envs.cabin.scenario.dialogue_tables import actions_of
from rlkit.envs.cabin.simulator.simulator import Simulator
from rlkit.envs.cabin.state.acts import EXECUTE, NULL, Action
from rlkit.envs.cabin.state.record import METHODS, as_records
from rlkit.envs.cabin.state.reward import REWARD_TERMS

END_FIELDS = {
    "success": "success",
    "turns": "turn",
    "seconds": "seconds",
    "risk": "risk",
    "mood": "mood",
}
"""Keys of `info` at the end of an episode, and the fields of the record they come from."""


def term_report(simulator: Simulator, terms: NDArray[np.float32]) -> dict[str, float]:
    """Return the terms of a dialogue's last step that count in the scenario, by name."""
    numbers = terms.tolist()
    return {REWARD_TERMS[column]: numbers[column] for column in simulator.weighted}


def end_report(record: np.void) -> dict[str, Any]:
    """Return what is told at the end of an episode."""
    return {key: record[field].item() for key, field in END_FIELDS.items()}


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
        "goal": goal(domain, record["goal"], _requests(record, "")),
        "executed": _executed(domain, record["system"]),
        **_drive(domain, simulator, i),
    }
    if record["ended"]:
        return Exchange(**told, success=bool(record["success"]))
    return Exchange(
        **told,
        user=SILENCE if record["said"][0] == NULL else act_text(domain, record["said"]),
        heard=[
            (act_text(domain, record["heard"][rank]), round(float(record["confidence"][rank]), 4))
            for rank in range(record["heard_count"])
        ],
        silence=round(float(record["null_confidence"]), 4),
        belief=beliefs(domain, simulator, i),
        method=METHODS[record["method"]],
        asked=questions(domain, simulator, i),
    )


def goal(domain: Domain, values: NDArray[np.int16], requests: NDArray[np.int16]) -> GoalText:
    """Return what the driver wants; `values` are those of the slots."""
    texts = {name: value_text(domain, k, values[k]) for k, name in enumerate(domain.slots)}
    function = texts.pop(domain.slots[0]) if domain.functions else None
    return GoalText(
        function=function,
        constraints={name: value for name, value in texts.items() if value is not None},
        requests=[domain.requestables[slot] for slot in requests],
    )


def _requests(record: np.void, prefix: str) -> NDArray[np.int16]:
    """Return what the driver wants to know of the goal now, or of the one that is "kept_"."""
    requests: NDArray[np.int16] = record[f"{prefix}requests"][: record[f"{prefix}request_count"]]
    return requests


def _executed(domain: Domain, act: NDArray[np.int16]) -> str | None:
    """Return the command that an act carries out, such as `window(position=half)`."""
    if act[0] != EXECUTE:
        return None
    inside = act_text(domain, act).partition("(")[2]
    if not domain.functions:
        return f"{domain.name}({inside}"
    function, _, items = inside.rstrip(")").partition(", ")
    return f"{function.partition('=')[2]}({items})"


def _drive(domain: Domain, simulator: Simulator, i: int) -> dict[str, Any]:
    """Return what only a drive has; nothing without a car."""
    if not simulator.driving:
        return {}
    record, car = simulator.record[i], simulator.state.car[i]
    row = row_after(as_records(simulator.state.car)[i], 0.0)
    drive = Drive(
        seconds=round(float(record["seconds"]), 3),
        act_seconds=round(float(car["act_seconds"]), 3),
        speed=round(float(simulator.tables.road[row]["speed"]), 3),
        load=round(float(car["load"]), 4),
        risk=round(float(car["act_risk"]), 4),
        noise=round(float(car["noise"]), 2),
        error_rate=round(float(record["error_rate"]), 4),
    )
    kept = goal(domain, car["kept_goal"], _requests(car, "kept_")) if car["kept"] else None
    return {"drive": drive, "kept": kept}


def beliefs(domain: Domain, dialogues: Dialogues, i: int) -> dict[str, tuple[str, float]]:
    """Return each slot's most believed value with its mass, where there is one."""
    rules: Any = as_records(dialogues.tables.rules)[0]
    record: Any = as_records(dialogues.state.record)[i]
    found = {}
    for slot, name in enumerate((*domain.slots, domain.entity)):
        text = value_text(domain, slot, int(record.best[slot, 0]))
        mass = best_mass(rules, record, dialogues.state.belief[i], slot, 0)
        if text is not None and mass > 0.0:
            found[name] = (text, round(mass, 4))
    return found


def questions(domain: Domain, simulator: Simulator, i: int) -> list[str]:
    """Return what the assistant thinks the driver wants to know."""
    start = int(simulator.tables.rules[0]["requested"])
    masses = simulator.state.belief[i, start : start + len(domain.requestables)]
    return [domain.requestables[slot] for slot in np.flatnonzero(masses > CERTAIN)]


def checked_action(action: Any, actions: Sequence[Action]) -> int:
    """Return the action as an int.

    Raises:
        ValueError: If it is not the number of an act.
    """
    if (isinstance(action, (int, np.integer)) and not isinstance(action, bool)) or (
        isinstance(action, np.ndarray) and action.ndim == 0 and action.dtype.kind in "iu"
    ):
        number = int(action)
    else:
        raise ValueError(
            f"an action is a whole number, got {action!r} of type {type(action).__name__}"
        )
    if not 0 <= number < len(actions):
        raise ValueError(
            f"an action is 0 ... {len(actions) - 1} "
            f"({actions[0].name} ... {actions[-1].name}), got {number}"
        )
    return number


def checked_actions(actions: Any, count: int, num_actions: int) -> NDArray[np.int64]:
    """Return the actions of a vector as int64 of shape `(count,)`.

    Raises:
        ValueError: If the shape, type or a value is wrong; nothing has stepped then.
    """
    given = np.asarray(actions)
    if given.shape != (count,) or given.dtype.kind not in "iu":
        raise ValueError(
            f"actions are integers of shape ({count},), got {given.dtype} of shape {given.shape}"
        )
    if given.min() < 0 or given.max() >= num_actions:
        place = int(np.argmax((given < 0) | (given >= num_actions)))
        raise ValueError(
            f"action {given[place]} of environment {place} is not in 0 ... {num_actions - 1}"
        )
    return given.astype(np.int64)
