"""What the tests of the driving scenarios share: roads, scenarios, and dialogues played out."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rlkit.envs.cabin.assistant.handcrafted import choose_many_in_car
from rlkit.envs.cabin.car.constants import CabinConfig
from rlkit.envs.cabin.ontology.domain import Domain
from rlkit.envs.cabin.roads.rows import DRIVE_ROW, KEEP, MOTORWAY, Drives
from rlkit.envs.cabin.scenario.car_tables import compile_car
from rlkit.envs.cabin.scenario.dialogue_tables import FOLLOWS_CABIN, Settings, compile_tables
from rlkit.envs.cabin.scenario.options import find_domain
from rlkit.envs.cabin.simulator.simulator import RESET, SKIP, Simulator
from rlkit.envs.cabin.state.reward import DRIVING_WEIGHTS
from rlkit.envs.cabin.state.temper import STANDARD, in_car
from rlkit.randomness import derive

Choose = Callable[[Simulator, NDArray[np.int8]], NDArray[np.int64]]
"""Chooses an action for every environment, given the masks `(N, A)`."""
Note = Callable[[Simulator, NDArray[np.bool_], NDArray[np.int64]], None]
"""Called after every step with the environments that took it and their actions."""


def road_of(seconds: int = 900, **signals: Any) -> Drives:
    """Return one drive with constant signals; what is left out is a free motorway at 120 km/h."""
    rows = np.zeros(2 * seconds, DRIVE_ROW)
    free: dict[str, Any] = {
        "speed": 33.3,
        "headway": 10.0,
        "time_to_collision": 60.0,
        "gap": 250.0,
        "leader_speed": 33.3,
        "manoeuvre": KEEP,
        "road": MOTORWAY,
    }
    for name, value in {**free, **signals}.items():
        rows[name] = value
    return Drives(rows, np.array([0, len(rows)], np.int64))


def simulator(
    drives: Drives,
    count: int,
    seed: int = 0,
    config: CabinConfig | None = None,
    domain: Domain | None = None,
    **settings: Any,
) -> Simulator:
    """Return a seeded driving simulator; settings are those of `Settings`."""
    domain = domain or find_domain("cabin")
    scenario = Settings(
        error_rate=FOLLOWS_CABIN,
        driving=True,
        max_turns=40,
        driver=in_car(STANDARD),
        weights=DRIVING_WEIGHTS,
    )
    tables = compile_tables(domain, replace(scenario, **settings))
    made = Simulator(compile_car(domain, config or CabinConfig(), drives, tables), count)
    made.seed([derive(seed, i) for i in range(count)])
    return made


def handcrafted(waits: bool = True, quiets: bool = True) -> Choose:
    """Return the handcrafted policy."""

    def choose(made: Simulator, mask: NDArray[np.int8]) -> NDArray[np.int64]:
        actions = np.zeros(len(mask), np.int64)
        choose_many_in_car(made.tables, made.state, actions, waits, quiets, 0, made.count)
        return actions

    return choose


def at_random(seed: int = 0) -> Choose:
    """Return the policy that takes any legal act."""
    rng = np.random.default_rng(seed)

    def choose(_: Simulator, mask: NDArray[np.int8]) -> NDArray[np.int64]:
        return np.asarray((rng.random(mask.shape) * mask).argmax(axis=1))

    return choose


@dataclass(frozen=True)
class Driven:
    """Dialogues that were played to their end; N of them."""

    simulator: Simulator
    returns: NDArray[np.float64]
    """`(N,)` undiscounted."""

    @property
    def record(self) -> NDArray[Any]:
        """The dialogues at their end, `(N,)`."""
        return self.simulator.record

    @property
    def car(self) -> NDArray[Any]:
        """The cars at the end, `(N,)`."""
        return self.simulator.state.car


def play(made: Simulator, choose: Choose, note: Note | None = None) -> Driven:
    """Play one dialogue in each environment."""
    outputs = made.new_outputs()
    actions = np.full(made.count, RESET, np.int64)
    made.advance(actions, outputs)
    everyone = np.ones(made.count, np.bool_)
    if note is not None:
        note(made, everyone, actions)
    returns = np.zeros(made.count)
    for _ in range(2000):
        live = ~made.record["ended"]
        if not live.any():
            break
        actions = np.where(live, choose(made, outputs.mask), SKIP)
        made.advance(actions, outputs)
        returns[live] += outputs.reward[live]
        if note is not None:
            note(made, live, actions)
    return Driven(made, returns)
