"""The exact cabin as scenes for the dashboard."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from rlkit.envs.cabin.scene import Belief, CabinScene, Utterance
from rlkit.envs.cabin.tabular.acts import SLOTS, Event
from rlkit.envs.cabin.tabular.config import ROADS
from rlkit.envs.cabin.tabular.states import OVER, STATUSES, CabinState
from rlkit.envs.cabin.tabular.tables import tables

FPS = 30
PHASES = {"k": "keep", "f": "following", "m": "manoeuvre"}
LONGEST = 3.0
"""An act is shown for at most so many seconds [s]."""

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
    motorway = shown.road[0] == "m"
    level = table.level[int(motorway), int(shown.window == "open")]
    costs = [cabin.cost(s, a, events) for s, a, events, _ in history]
    last = history[-1] if history else None
    return CabinScene(
        motorway=motorway,
        phase=PHASES[shown.road[1]],
        clock=float(sum(seconds for seconds, _ in costs)),
        window_open=shown.window == "open",
        noise=float(table.noise[level]),
        error_rate=float(table.error[level]),
        demand=cabin.config.road.demand[ROADS.index(shown.road)],
        load_high=shown.load == "high",
        patience=(shown.patience, cabin.config.patience),
        risk=sum(risk for _, risk in costs),
        beliefs=beliefs_of(env, shown),
        conversation=tuple(_conversation(env)),
        act=cabin.actions[last[1]] if last else "",
        terms=last[3] if last else {},
        total=sum(sum(terms.values()) for *_, terms in history),
        outcome=_outcome(env),
        success=bool(last and last[2] & (Event.SUCCESS | Event.REFUSED)),
    )


def frames_of(env: Any) -> list[CabinScene]:
    """Return the scenes from the last decision to now, so that the road moves on."""
    now = scene_of(env)
    if not env.history:
        return [now]
    state, action, events, _ = env.history[-1]
    seconds, _ = env.cabin.cost(state, action, events)
    shown = min(float(seconds), LONGEST)
    count = round(shown * FPS)
    held = 2 * FPS if now.outcome else 0
    moving = [replace(now, clock=now.clock - shown * (1 - k / count)) for k in range(1, count + 1)]
    return moving + [now] * held


def play(env: Any, window: Any) -> Any:
    """Show the last act in a window, which is opened first if there is none."""
    from rlkit.envs.cabin.dashboard import SIZE, draw
    from rlkit.envs.view.window import Window

    window = window or Window(SIZE, "rlkit-cabin", FPS)
    for scene in frames_of(env):
        window.show(draw(scene))
    return window


def beliefs_of(env: Any, state: CabinState) -> tuple[Belief, ...]:
    """Return what is believed of each slot, in words."""
    right = tables(env.cabin.config).right
    names = {"-": "unknown", "u": "heard, unsure", "s": "heard, sure", "C": "confirmed"}
    beliefs = []
    for slot, status in zip(SLOTS, state.slots, strict=False):
        plain = status.removeprefix("!")
        words = names[plain[0]] + (" (guarded)" if status.startswith("!") else "")
        beliefs.append(
            Belief(slot, words, float(right[STATUSES.index(plain)]), confirmed=plain == "C")
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
            yield Utterance("driver", None, f"a {SLOTS[k]}{guarded}", share)
    if not changed and not events:
        yield Utterance("driver", "(no answer)")


def _outcome(env: Any) -> str | None:
    from rlkit.envs.cabin.tabular.env import outcome

    return outcome(env.history[-1][2]) if env.over and env.history else None
