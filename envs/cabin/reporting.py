"""What is told to people: the last exchange, what is wanted and believed, the five elements."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rlkit.elements import Element, Elements
from rlkit.envs.cabin.assistant.matching import CERTAIN, best_mass
from rlkit.envs.cabin.car.road import row_after
from rlkit.envs.cabin.language.notation import act_text, value_text
from rlkit.envs.cabin.language.transcript import SILENCE, Drive, Exchange, GoalText
from rlkit.envs.cabin.observation import Dialogues
from rlkit.envs.cabin.ontology.domain import Domain
from rlkit.envs.cabin.policy import HandcraftedPolicy
from rlkit.envs.cabin.roads.rows import ROOM
from rlkit.envs.cabin.scenario.dialogue_tables import actions_of
from rlkit.envs.cabin.simulator.dialogue import advance
from rlkit.envs.cabin.simulator.drive import advance_drives
from rlkit.envs.cabin.state.acts import EXECUTE, NULL, Action
from rlkit.envs.cabin.state.record import METHODS, as_records
from rlkit.envs.cabin.state.reward import REWARD_TERMS


def elements(dialogues: Dialogues, actions: Sequence[Action]) -> Elements:
    """Return state, action, policy, transition and reward, as objects that print themselves."""
    names = [action.name for action in actions]
    weights, driving = dialogues.tables.rules[0]["weights"], dialogues.tables.driving
    start = f"; begins in any row that leaves {ROOM:g} s of its drive" if driving else ""
    terms = [f"{REWARD_TERMS[k]} {weights[k]:+g}" for k in np.flatnonzero(weights)]
    tables = len(dialogues.tables.rules)
    mistaken = "" if tables == 1 else f"; each episode draws one of {tables} tables of confusions"
    return Elements(
        state=Element(
            "s",
            f"driver, dialogue and belief: {dialogues.state.record.dtype.itemsize} bytes of "
            f"named fields and {dialogues.num_features} features; the agent sees only the belief",
            dialogues.state,
        ),
        action=Element("a", f"{len(names)} dialogue acts: {', '.join(names)}", names),
        policy=Element(
            "pi(a|s)", "any agent; the reference is the handcrafted one", HandcraftedPolicy
        ),
        transition=Element(
            "p(s'|s,a)",
            "act, react, hear, believe, look up; the noise is counter-based and no part of s"
            + mistaken
            + start,
            advance_drives if driving else advance,
        ),
        reward=Element("r(s,a,s')", f"sum of named terms: {', '.join(terms)}", weights),
    )


def exchange(domain: Domain, dialogues: Dialogues, i: int) -> Exchange:
    """Return the last exchange of environment i."""
    record = dialogues.state.record[i]
    action, actions = int(record["action"]), actions_of(domain, dialogues.tables.driving)
    weighted = np.flatnonzero(dialogues.tables.rules[0]["weights"])
    told: dict[str, Any] = {
        "turn": int(record["turn"]),
        "action": actions[action].name if action >= 0 else None,
        "illegal": bool(record["illegal"]),
        "system": act_text(domain, record["system"]),
        "reward": round(float(record["reward"]), 4),
        "terms": {REWARD_TERMS[k]: round(float(record["terms"][k]), 4) for k in weighted},
        "goal": goal(domain, record["goal"], _requests(record, "")),
        "executed": _executed(domain, record["system"]),
        **_drive(domain, dialogues, i),
    }
    if record["ended"]:
        return Exchange(**told, success=bool(record["success"]), cut=bool(record["truncated"]))
    return Exchange(
        **told,
        user=SILENCE if record["said"][0] == NULL else act_text(domain, record["said"]),
        heard=[
            (act_text(domain, record["heard"][rank]), round(float(record["confidence"][rank]), 4))
            for rank in range(record["heard_count"])
        ],
        silence=round(float(record["null_confidence"]), 4),
        belief=beliefs(domain, dialogues, i),
        method=METHODS[record["method"]],
        asked=questions(domain, dialogues, i),
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


def _drive(domain: Domain, dialogues: Dialogues, i: int) -> dict[str, Any]:
    """Return what only a drive has; nothing without a car."""
    if not dialogues.tables.driving:
        return {}
    record, car = dialogues.state.record[i], dialogues.state.car[i]
    row = row_after(as_records(dialogues.state.car)[i], 0.0)
    drive = Drive(
        seconds=round(float(record["seconds"]), 3),
        act_seconds=round(float(car["act_seconds"]), 3),
        speed=round(float(dialogues.tables.road[row]["speed"]), 3),
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


def questions(domain: Domain, dialogues: Dialogues, i: int) -> list[str]:
    """Return what the assistant thinks the driver wants to know."""
    start = int(dialogues.tables.rules[0]["requested"])
    masses = dialogues.state.belief[i, start : start + len(domain.requestables)]
    return [domain.requestables[slot] for slot in np.flatnonzero(masses > CERTAIN)]
