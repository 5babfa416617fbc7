"""The exact cabin as scenes for the dashboard.

Its state has the class of the road and a phase, nothing more. Speed, gap and traffic are made up
from them and from the clock, to illustrate; they have no influence on anything.
"""

from collections.abc import Iterator
from typing import Any

from rlkit.envs.cabin.dashboard.scene import (
    Actuators,
    Belief,
    CabinScene,
    Driver,
    Heard,
    Road,
    Utterance,
    Vehicle,
)
from rlkit.envs.cabin.tabular.acts import SLOTS, Event, outcome
from rlkit.envs.cabin.tabular.config import ROADS
from rlkit.envs.cabin.tabular.states import OVER, STATUSES, CabinState
from rlkit.envs.cabin.tabular.tables import tables

PHASES = {"k": ("keep", ""), "f": ("keep", "following closely"), "m": ("lane change", "manoeuvre")}
"""Manoeuvre and words of each phase."""
GAPS = {"k": 42.0, "f": 11.0, "m": 65.0}
"""Illustrated gap to the car ahead by phase [m]."""
SLOWER, CYCLE = 4.5, 150.0
"""Illustrated cars on the right lane are so much slower [m/s], and come again after a while [m]."""

SPOKEN = {
    "request what": "What can I do for you?",
    "request value": "Which value would you like?",
    "request detail": "And in which detail?",
    "confirm what": "Did I get the command right?",
    "confirm value": "Did I get the value right?",
    "confirm detail": "Did I get the detail right?",
    "execute": "All right, done.",
    "refuse": "Sorry, that is not possible right now.",
    "quiet": "(closes the window)",
    "hand over": "I put it on the screen for later.",
}


def scene_of(env: Any) -> CabinScene:
    """Return the present moment of a `TabularCabinEnv`."""
    cabin, history = env.cabin, env.history
    state: CabinState = cabin.states[env.state_index]
    shown = cabin.states[history[-1][0]] if state == OVER else state
    table = tables(cabin.config)
    level = table.level[int(shown.road[0] == "m"), int(shown.window == "open")]
    costs = [cabin.cost(s, a, events) for s, a, events, _ in history]
    last = history[-1] if history else None
    return CabinScene(
        clock=float(sum(seconds for seconds, _ in costs)),
        turn=sum(cabin.actions[a] != "wait" for _, a, *_ in history),
        road=_road(env, shown),
        driver=_driver(env, shown, [risk for _, risk in costs]),
        noise=float(table.noise[level]),
        error_rate=float(table.error[level]),
        beliefs=beliefs_of(env, shown),
        conversation=tuple(_conversation(env)),
        actuators=Actuators(windows={"driver": 100.0 if shown.window == "open" else 0.0}),
        act=cabin.actions[last[1]] if last else "",
        terms=last[3] if last else {},
        total=sum(sum(terms.values()) for *_, terms in history),
        outcome=outcome(history[-1][2]) if env.over and history else None,
        success=bool(last and last[2] & (Event.SUCCESS | Event.REFUSED)),
    )


def _road(env: Any, state: CabinState) -> Road:
    """Return the road with its illustration."""
    kind, phase = ("motorway" if state.road[0] == "m" else "city"), state.road[1]
    manoeuvre, note = PHASES[phase]
    config = env.cabin.config
    speed = config.speeds[kind == "motorway"]
    clock, travelled = 0.0, 0.0
    for place, action, events, _ in env.history:
        seconds, _ = env.cabin.cost(place, action, events)
        motorway = env.cabin.states[place].road[0] == "m"
        clock, travelled = clock + seconds, travelled + seconds * config.speeds[motorway]
    return Road(
        kind=kind,
        speed=speed,
        travelled=travelled,
        lane=0 if phase == "m" else 1,
        manoeuvre=manoeuvre,
        signal="left" if phase == "m" else "",
        gap=GAPS[phase],
        headway=GAPS[phase] / speed,
        traffic=tuple(_traffic(kind, phase, clock, speed)),
        demand=config.road.demand[ROADS.index(state.road)],
        note=note,
    )


def _traffic(kind: str, phase: str, clock: float, speed: float) -> Iterator[Vehicle]:
    """Yield the leader, and on the motorway cars that are passed or that pass."""
    leader = {"k": GAPS["k"], "f": GAPS["f"], "m": 6.0}[phase]
    yield Vehicle(3, leader, 1, speed)
    yield Vehicle(1, GAPS["m"], 0, speed)
    if kind == "motorway":
        for begin in (40.0, 115.0):
            rounds, ahead = divmod(begin - SLOWER * clock, CYCLE)
            yield Vehicle(int(begin) - 1_000 * int(rounds), ahead - 25.0, 2, speed - SLOWER)


def _driver(env: Any, state: CabinState, risks: list[float]) -> Driver:
    """Return the driver; the load is the demand of the road and the residue, as when answering."""
    config = env.cabin.config
    demand = config.road.demand[ROADS.index(state.road)]
    residue = config.laws.load_demand if state.load == "high" else 0.0
    return Driver(
        load=min(demand + residue, 1.0),
        risk=sum(risks),
        risk_now=risks[-1] if risks else None,
        patience=(state.patience, config.patience),
    )


def beliefs_of(env: Any, state: CabinState) -> tuple[Belief, ...]:
    """Return what is believed of each slot, in words."""
    right = tables(env.cabin.config).right
    names = {"-": "", "u": "heard, unsure", "s": "heard, sure", "C": "confirmed"}
    beliefs = []
    for slot, status in zip(SLOTS, state.slots, strict=False):
        plain = status.removeprefix("!")
        beliefs.append(
            Belief(
                slot,
                names[plain[0]],
                float(right[STATUSES.index(plain)]),
                none=float(plain == "-"),
                confirmed=plain == "C",
                guarded=status.startswith("!"),
            )
        )
    return tuple(beliefs)


def _conversation(env: Any) -> Iterator[Utterance]:
    """Yield what the car did and what it heard after it, act by act."""
    places = [*(state for state, *_ in env.history), env.state_index][1:]
    for (state, action, events, _), after in zip(env.history, places, strict=True):
        act = env.cabin.actions[action]
        if act == "wait":
            continue
        yield Utterance("car", SPOKEN[act])
        if act == "quiet":
            continue
        before, following = env.cabin.states[state], env.cabin.states[after]
        if following != OVER:
            yield from _answers(env, before, following, events)


def _answers(env: Any, before: CabinState, after: CabinState, events: Event) -> Iterator[Utterance]:
    """Yield what was heard of the driver's answer; the truth is in no state."""
    right = tables(env.cabin.config).right
    if Event.CORRECTED in events:
        yield Utterance("driver", "No, that is wrong.")
    changed = [k for k, (x, y) in enumerate(zip(before.slots, after.slots, strict=True)) if x != y]
    for k in changed:
        plain = after.slots[k].removeprefix("!")
        if plain == "C":
            yield Utterance("driver", f"Yes, the {SLOTS[k]} is right.")
        elif plain != "-":
            guarded = " (guarded)" if after.slots[k].startswith("!") else ""
            share = float(right[STATUSES.index(plain)])
            yield Utterance("driver", None, (Heard(f"a {SLOTS[k]}{guarded}", share),))
    if not changed and not events:
        yield Utterance("driver", "")
