"""What several tests of the cabin share."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rlkit.envs.cabin.assistant.handcrafted import choose_many
from rlkit.envs.cabin.ontology.domain import Domain
from rlkit.envs.cabin.scenario.dialogue_tables import Settings, compile_tables
from rlkit.envs.cabin.simulator.simulator import RESET, SKIP, Simulator
from rlkit.envs.cabin.state.acts import (
    ACT_WIDTH,
    DONTCARE,
    NO_SLOT,
    NO_VALUE,
    SYSTEM_ACTS,
    TYPE_SLOT,
    add_item,
)
from rlkit.randomness import derive


@dataclass(frozen=True)
class Played:
    """Dialogues that were played to their end; N of them."""

    simulator: Simulator
    returns: NDArray[np.float64]
    """`(N,)` undiscounted."""

    @property
    def record(self) -> NDArray[Any]:
        """The records at the end, `(N,)`."""
        return self.simulator.record


def simulator(domain: Domain, settings: Settings, count: int, seed: int = 0) -> Simulator:
    """Return a seeded simulator."""
    made = Simulator(compile_tables(domain, settings), count)
    made.seed([derive(seed, i) for i in range(count)])
    return made


def play(domain: Domain, settings: Settings, count: int, seed: int = 0) -> Played:
    """Play one dialogue of the handcrafted policy in each of `count` environments."""
    made = simulator(domain, settings, count, seed)
    outputs = made.new_outputs()
    actions = np.full(count, RESET)
    made.advance(actions, outputs)
    returns = np.zeros(count)
    while not made.record["ended"].all():
        live = ~made.record["ended"]
        choose_many(made.tables, made.state, actions, 0, count)
        actions[~live] = SKIP
        made.advance(actions, outputs)
        returns[live] += outputs.reward[live]
    return Played(made, returns)


def act(domain: Domain, text: str) -> NDArray[np.int16]:
    """Return an act in memory from the usual notation, such as `inform(food=thai, type=)`."""
    name, _, inside = text.rstrip(")").partition("(")
    made = np.zeros(ACT_WIDTH, np.int16)
    made[0] = SYSTEM_ACTS.index(name)
    for item in inside.split(", ") if inside else ():
        slot, equals, value = item.partition("=")
        if slot in {"", "type"}:
            number = DONTCARE if slot == "" else NO_VALUE
            add_item(made, NO_SLOT if slot == "" else TYPE_SLOT, number)
            continue
        place = domain.requestables.index(slot)
        values = (*domain.values, domain.venues)
        known = DONTCARE if value == "dontcare" else NO_VALUE
        if equals and value != "dontcare":
            known = values[place].index(value)
        add_item(made, place, known)
    return made
