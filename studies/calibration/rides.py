"""Many dialogues on the road, under any policy, with what happened in them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from rlkit.arrays import Array, Floats
from rlkit.envs.cabin.assistant.handcrafted import choose_many_in_car
from rlkit.envs.cabin.car.constants import CabinConfig
from rlkit.envs.cabin.ontology.domain import Domain
from rlkit.envs.cabin.roads.loading import Drives, load_drives
from rlkit.envs.cabin.scenario.car_tables import compile_car
from rlkit.envs.cabin.scenario.options import DRIVING_TURNS, Options, Scenario
from rlkit.envs.cabin.simulator.simulator import LOOK, RESET, SKIP, Simulator
from rlkit.envs.cabin.state.acts import (
    AFFIRM,
    DENY,
    INFORM,
    NEGATE,
    NO_VALUE,
    REQALTS,
    REQUEST,
    WAIT,
)
from rlkit.envs.cabin.state.reward import EVENT_BREAK_OFF, EVENT_REFUSAL, EVENT_UNSAFE, EVENT_WRONG
from rlkit.randomness import derive

Choose = Callable[[Simulator, Array], Array]
"""Chooses an action for every dialogue, given the masks `(N, A)`."""
OUTCOMES = (
    "success",
    "driver gives up",
    "wrong command or refusal",
    "unsafe command",
    "an errand left undone",
    "turn limit",
    "end of the road",
)
"""How a drive's dialogue ends; each ends in one of these ways."""


@dataclass(frozen=True)
class Rides:
    """What happened in N dialogues; each array is `(N,)`."""

    success: Floats
    """0 or 1."""
    reward: Floats
    """Undiscounted return."""
    seconds: Floats
    risk: Floats
    """Seconds at risk."""
    mood: Floats
    """At the end, in [0, 1]."""
    turns: Floats
    errands: Floats
    """Errands that are over."""
    wrong: Floats
    """Wrong commands and refusals without need."""
    unsafe: Floats
    refusals: Floats
    """Justified refusals."""
    waits: Floats
    error: Floats
    """Error rate at the first moment, before the assistant did anything."""
    informed: Floats
    """Slots that the driver informed."""
    requested: Floats
    """Slots that the driver asked about."""
    outcome: Array
    """Index into `OUTCOMES`."""

    @property
    def gave_up(self) -> Floats:
        """Whether the driver gave up, 0 or 1."""
        return self.share("driver gives up")

    def share(self, outcome: str) -> Floats:
        """Return whether each dialogue ended so, 0 or 1."""
        return np.asarray(self.outcome == OUTCOMES.index(outcome), np.float64)


def scenario(
    config: CabinConfig | None = None,
    function: str | None = None,
    drives: Drives | None = None,
    drive: str = "parked",
    **options: Any,
) -> Scenario:
    """Return a driving scenario.

    Args:
        config: Its constants.
        function: The only one that the driver has errands of; all by default.
        drives: The road; the recorded one that `drive` names by default.
        drive: See `drives`.
        options: Keywords of `gymnasium.make`.
    """
    made = Options(ontology="cabin", drive="parked", **options).load()
    domain = made.domain if function is None else _only(made.domain, function)
    road = load_drives(drive) if drives is None else drives
    return made._replace(tables=compile_car(domain, config or CabinConfig(), road, made.tables))


def _only(domain: Domain, function: str) -> Domain:
    kept = tuple(replace(one, weight=float(one.name == function)) for one in domain.functions)
    return replace(domain, functions=kept)


def to_a_place(config: CabinConfig | None = None) -> Scenario:
    """Return drives with one errand, to find a place, in a parked car that hears every word."""
    config = config or CabinConfig()
    wishes = replace(config.wishes, most_errands=1.0, urgent_rate=0.0)
    return scenario(replace(config, wishes=wishes), "navigate", ser=0.0)


def handcrafted(waits: bool = True, quiets: bool = True) -> Choose:
    """Return the handcrafted policy, or what is left of it without some acts."""

    def choose(simulator: Simulator, mask: Array) -> Array:
        actions = np.zeros(len(mask), np.int64)
        if not simulator.driving:
            raise ValueError("this policy is for driving scenarios")
        choose_many_in_car(simulator.tables, simulator.state, actions, waits, quiets, 0, len(mask))
        return actions

    return choose


def at_random(seed: int = 0) -> Choose:
    """Return the policy that takes any legal act."""
    rng = np.random.default_rng(seed)

    def choose(_: Simulator, mask: Array) -> Array:
        return np.asarray((rng.random(mask.shape) * mask).argmax(axis=1))

    return choose


def always(action: int) -> Choose:
    """Return the policy that only ever takes one act."""
    return lambda _, mask: np.full(len(mask), action)


def begin(made: Scenario, count: int, seed: int) -> Simulator:
    """Return a simulator of `count` dialogues that have begun; i has the stream `derive(seed, i)`.

    It uses one thread, for the sake of others.
    """
    simulator = Simulator(made.tables, count, threads=1)
    simulator.seed([derive(seed, i) for i in range(count)])
    simulator.advance(np.full(count, RESET), simulator.new_outputs())
    return simulator


def ride(made: Scenario, count: int, seed: int, choose: Choose, steps: int = 2000) -> Rides:
    """Play `count` dialogues, each to its end or for so many steps."""
    simulator = begin(made, count, seed)
    record, outputs = simulator.record, simulator.new_outputs()
    simulator.advance(np.full(count, LOOK), outputs)
    slots = len(made.domain.slots)
    total = {name: np.zeros(count) for name in TALLIES}
    error, reward = record["error_rate"].copy(), np.zeros(count)
    _note_words(total, record, ~record["ended"], slots)
    for _ in range(steps):
        live = ~record["ended"]
        if not live.any():
            break
        actions = np.where(live, choose(simulator, outputs.mask), SKIP)
        simulator.advance(actions, outputs)
        reward[live] += outputs.reward[live]
        _note_acts(total, record, live)
        _note_words(total, record, live & ~record["ended"], slots)
    return Rides(
        success=record["success"].astype(np.float64),
        reward=reward,
        turns=record["turn"].astype(np.float64),
        errands=simulator.state.car["closed"].astype(np.float64),
        error=error,
        outcome=_outcomes(record),
        **{name: record[name].astype(np.float64) for name in ("seconds", "risk", "mood")},
        **total,
    )


TALLIES = ("wrong", "unsafe", "refusals", "waits", "informed", "requested")


def _note_acts(total: dict[str, Floats], record: Array, live: Array) -> None:
    """Count what the assistant did."""
    events = record["events"]
    for name, event in (
        ("wrong", EVENT_WRONG),
        ("unsafe", EVENT_UNSAFE),
        ("refusals", EVENT_REFUSAL),
    ):
        total[name] += live & (events[:, event] != 0.0)
    total["waits"] += live & (record["system"][:, 0] == WAIT)


def _note_words(total: dict[str, Floats], record: Array, live: Array, slots: int) -> None:
    """Count the slots in what the driver said; slot 0 is the function."""
    said = record["said"]
    kind, items, places = said[:, 0], said[:, 1], said[:, 2::2]
    inside = np.arange(places.shape[1]) < items[:, None]
    informed = (inside & (places > 0) & (places < slots)).sum(axis=1)
    asked = (inside & (said[:, 3::2] == NO_VALUE)).sum(axis=1)
    informs = np.isin(kind, (INFORM, AFFIRM, NEGATE, DENY, REQALTS))
    total["informed"] += np.where(live & informs, informed, 0)
    total["requested"] += np.where(live & (kind == REQUEST), asked, 0)


def _outcomes(record: Array) -> Array:
    """Return how each dialogue ended, the first of `OUTCOMES` that applies."""
    last = record["events"]
    return np.select(
        [
            record["success"],
            record["truncated"],
            last[:, EVENT_UNSAFE] != 0.0,
            last[:, EVENT_WRONG] != 0.0,
            last[:, EVENT_BREAK_OFF] != 0.0,
            record["turn"] >= DRIVING_TURNS,
        ],
        [OUTCOMES.index(name) for name in ORDER],
        OUTCOMES.index("an errand left undone"),
    )


ORDER = (
    "success",
    "end of the road",
    "unsafe command",
    "wrong command or refusal",
    "driver gives up",
    "turn limit",
)
"""Of the tests above."""
