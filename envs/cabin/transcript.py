"""Dialogues as text: what was said, what was heard, what was believed and done."""

import json
from pathlib import Path
from typing import Any, TextIO

import numpy as np
from numpy.typing import NDArray

from rlkit.envs.cabin.acts import DONTCARE, NO_SLOT, NO_VALUE, SYSTEM_ACTS, TYPE_SLOT
from rlkit.envs.cabin.domain import Domain
from rlkit.envs.cabin.reward import REWARD_TERMS
from rlkit.envs.cabin.scenario import actions_of
from rlkit.envs.cabin.simulator import Simulator


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


def exchange(domain: Domain, simulator: Simulator, i: int) -> dict[str, Any]:
    """Return the last exchange of environment i as plain data that JSON can hold.

    Keys: `turn`, `action`, `illegal`, `system` (the assistant's act), `user` (what the driver
    said), `heard` (pairs of act and confidence), `silence` (confidence that nothing was said),
    `belief` (each slot's best value and its mass), `reward`, `terms`, and at the end `success`.
    """
    record = simulator.record[i]
    action = int(record["action"])
    told: dict[str, Any] = {
        "turn": int(record["turn"]),
        "action": actions_of(domain)[action].name if action >= 0 else None,
        "illegal": bool(record["illegal"]),
        "system": act_text(domain, record["system"]),
        "reward": round(float(record["reward"]), 4),
        "terms": {REWARD_TERMS[k]: round(float(record["terms"][k]), 4) for k in simulator.weighted},
    }
    if record["ended"]:
        told["success"] = bool(record["success"])
        return told
    told["user"] = act_text(domain, record["said"])
    told["heard"] = [
        [act_text(domain, record["heard"][rank]), round(float(record["confidence"][rank]), 4)]
        for rank in range(record["heard_count"])
    ]
    told["silence"] = round(float(record["null_confidence"]), 4)
    told["belief"] = beliefs(domain, simulator, i)
    return told


def beliefs(domain: Domain, simulator: Simulator, i: int) -> dict[str, list[Any]]:
    """Return each slot's most believed value with its mass, where there is one."""
    record, features = simulator.record[i], simulator.state.belief[i]
    rules = simulator.tables.rules[0]
    found: dict[str, list[Any]] = {}
    for slot, name in enumerate((*domain.slots, domain.entity)):
        value = int(record["best"][slot, 0])
        text = value_text(domain, slot, value)
        if text is None:
            continue
        place = value if value >= 0 else int(rules["slot_values"][slot]) + 1
        mass = float(features[int(rules["slot_belief"][slot]) + place])
        if mass > 0.0:
            found[name] = [text, round(mass, 4)]
    return found


def exchange_text(domain: Domain, simulator: Simulator, i: int) -> str:
    """Return the last exchange of environment i as lines for people."""
    return as_text(exchange(domain, simulator, i))


def as_text(told: dict[str, Any]) -> str:
    """Return one exchange, as `exchange` gives it, as lines for people."""
    terms = ", ".join(f"{name} {value:+g}" for name, value in told["terms"].items() if value)
    masked = "  (masked: does nothing)" if told["illegal"] else ""
    lines = [f"turn {told['turn']:>2}  car     {told['system']}{masked}"]
    if terms:
        lines[0] += f"   [{terms}]"
    if "success" in told:
        return "\n".join(
            [*lines, f"         end     {'success' if told['success'] else 'failure'}"]
        )
    lines.append(f"         driver  {told['user']}")
    lines += [f"         heard   {confidence:.2f}  {act}" for act, confidence in told["heard"]]
    known = ", ".join(
        f"{slot}={value} {mass:.2f}" for slot, (value, mass) in told["belief"].items()
    )
    lines.append(f"         belief  {known or 'nothing'}")
    return "\n".join(lines)


class TranscriptWriter:
    """Writes dialogues as JSON lines, one exchange a line.

    Args:
        file: An open text file.
        env: A cabin environment; call `write` after every reset and step.
    """

    def __init__(self, file: TextIO, env: Any) -> None:
        self._file = file
        self._domain: Domain = env.unwrapped.domain
        self._simulator: Simulator = env.unwrapped.simulator

    def write(self, i: int = 0) -> None:
        """Write the last exchange of environment i."""
        told = exchange(self._domain, self._simulator, i)
        self._file.write(json.dumps({"env": i, **told}) + "\n")


def read_transcript(path: Path) -> list[dict[str, Any]]:
    """Return the exchanges of a JSON-lines transcript.

    Raises:
        ValueError: If a line is no exchange; the message has its number.
    """
    exchanges = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            told = json.loads(line)
            missing = {"turn", "system", "terms", "illegal"} - told.keys()
        except (ValueError, AttributeError) as error:
            raise ValueError(f"{path}, line {number}: not an exchange in JSON: {error}") from None
        if missing:
            raise ValueError(f"{path}, line {number}: without {', '.join(sorted(missing))}")
        exchanges.append(told)
    return exchanges
