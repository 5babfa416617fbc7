"""What each act of the exact cabin can lead to, branch by branch, for many states at once.

An act is a generator of branches: ways the dialogue can go on. The road and the load move on by
themselves; `problem.py` multiplies them in.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import IntFlag
from itertools import product
from typing import NamedTuple

import numpy as np

from rlkit.arrays import Bools, Floats, Ints
from rlkit.envs.cabin.tabular.config import Act, TabularCabinConfig
from rlkit.envs.cabin.tabular.states import CONFIRMED, UNKNOWN, Situation
from rlkit.envs.cabin.tabular.tables import tables

SLOTS = ("what", "value", "detail")


class Event(IntFlag):
    """What happened in a step, as far as the reward and the reader care."""

    CORRECTED = 1
    WRONG = 2
    UNSAFE = 4
    SUCCESS = 8
    REFUSED = 16
    BROKE_OFF = 32
    HANDED_OVER = 64
    QUIETED = 128


NOTHING = Event(0)


class Branch(NamedTuple):
    """One way to go on: its probability `(n,)`, the columns after it, events, and if it ends."""

    prob: Floats
    after: Situation
    events: Event = NOTHING
    ends: bool = False


Dynamics = Callable[[TabularCabinConfig, Situation], Iterator[Branch]]


@dataclass(frozen=True)
class CabinAct:
    """An act: its name, its time and demand, when it is legal, and what it leads to."""

    name: str
    timing: Act
    legal: Callable[[Situation], Bools]
    branches: Dynamics


def acts(config: TabularCabinConfig) -> tuple[CabinAct, ...]:
    """Return the acts in index order: requests, confirms, then the five without a slot."""
    slots = range(config.slots)
    return (
        *(_request_act(config, k) for k in slots),
        *(_confirm_act(config, k) for k in slots),
        CabinAct("execute", config.execute, _all_known, _execute),
        CabinAct("refuse", config.refuse, lambda at: at.heard[0] != UNKNOWN, _refuse),
        CabinAct("quiet", config.quiet, lambda at: at.window == 1, _quiet),
        CabinAct("wait", config.wait, _always, _wait),
        CabinAct("hand over", config.hand_over, _always, _hand_over),
    )


def nonsense(config: TabularCabinConfig, at: Situation) -> Iterator[Branch]:
    """Yield what an illegal act leads to: nothing but, perhaps, less patience."""
    yield from _maybe_impatient(np.ones(len(at.road)), at, config.lose_patience)


def _always(at: Situation) -> Bools:
    return np.ones(len(at.road), dtype=np.bool_)


def _all_known(at: Situation) -> Bools:
    return np.asarray(np.logical_and.reduce([heard != UNKNOWN for heard in at.heard]))


def _request_act(config: TabularCabinConfig, slot: int) -> CabinAct:
    def branches(config: TabularCabinConfig, at: Situation) -> Iterator[Branch]:
        answer = tables(config).answer[at.road, at.load]
        yield from _maybe_impatient(1 - answer, at, config.lose_patience)
        others = [k for k in range(config.slots) if k != slot]
        for extra in product((False, True), repeat=len(others)):
            prob = answer
            for other, also in zip(others, extra, strict=True):
                too = config.extra_slot * (at.heard[other] == UNKNOWN)
                prob = prob * (too if also else 1 - too)
            told = [slot, *(k for k, also in zip(others, extra, strict=True) if also)]
            yield from (Branch(p, after) for p, after in _hear(config, prob, at, at, told))

    return CabinAct(
        f"request {SLOTS[slot]}", config.request, lambda at: at.heard[slot] == UNKNOWN, branches
    )


def _confirm_act(config: TabularCabinConfig, slot: int) -> CabinAct:
    def legal(at: Situation) -> Bools:
        return np.asarray((at.heard[slot] != UNKNOWN) & (at.heard[slot] != CONFIRMED))

    def branches(config: TabularCabinConfig, at: Situation) -> Iterator[Branch]:
        table = tables(config)
        error = table.error[table.level[at.motorway, at.window]]
        understood = table.answer[at.road, at.load] * (1 - config.yes_no_loss * error)
        yield from _maybe_impatient(1 - understood, at, config.lose_patience)
        right = table.right[at.heard[slot]]
        yes = _with_status(at, slot, np.full(len(error), CONFIRMED), at.guarded)
        yield from _maybe_impatient(understood * right, yes, config.lose_patience_yes)
        no = understood * (1 - right)
        for prob, after in _hear(config, no * config.restate, at, at, [slot]):
            yield from _maybe_impatient(prob, after, config.lose_patience, Event.CORRECTED)
        nothing = np.zeros_like(at.road)
        gone = _with_status(at, slot, nothing, at.guarded if slot else nothing)
        silent = no * (1 - config.restate)
        yield from _maybe_impatient(silent, gone, config.lose_patience, Event.CORRECTED)

    return CabinAct(f"confirm {SLOTS[slot]}", config.confirm, legal, branches)


def _execute(config: TabularCabinConfig, at: Situation) -> Iterator[Branch]:
    table = tables(config)
    unsafe = (at.guarded * at.motorway).astype(np.float64)
    yield Branch(unsafe, at, Event.UNSAFE, ends=True)
    right = [table.right[heard] for heard in at.heard]
    yield Branch((1 - unsafe) * np.prod(right, axis=0), at, Event.SUCCESS, ends=True)
    notices = table.answer[at.road, at.load]
    for correct in product((True, False), repeat=config.slots):
        if all(correct):
            continue
        factors = [p if ok else 1 - p for p, ok in zip(right, correct, strict=True)]
        prob = (1 - unsafe) * np.prod(factors, axis=0)
        yield Branch(prob * (1 - notices), at, Event.WRONG | Event.BROKE_OFF, ends=True)
        learned = at
        for slot, ok in enumerate(correct):
            if ok:
                confirmed = np.full(len(prob), CONFIRMED)
                learned = _with_status(learned, slot, confirmed, learned.guarded)
        learned = replace(learned, patience=at.patience - 1)
        wrong = [slot for slot, ok in enumerate(correct) if not ok]
        for part, after in _hear(config, prob * notices, at, learned, wrong):
            yield Branch(part, after, Event.WRONG | Event.CORRECTED)


def _refuse(config: TabularCabinConfig, at: Situation) -> Iterator[Branch]:
    right = tables(config).right[at.heard[0]]
    justified = at.motorway * (right * at.guarded + config.guarded * (1 - right))
    yield Branch(justified, at, Event.REFUSED, ends=True)
    yield Branch(1 - justified, at, Event.WRONG, ends=True)


def _quiet(config: TabularCabinConfig, at: Situation) -> Iterator[Branch]:
    del config
    closed = replace(at, window=np.zeros_like(at.window))
    yield Branch(np.ones(len(at.road)), closed, Event.QUIETED)


def _wait(config: TabularCabinConfig, at: Situation) -> Iterator[Branch]:
    del config
    yield Branch(np.ones(len(at.road)), at)


def _hand_over(config: TabularCabinConfig, at: Situation) -> Iterator[Branch]:
    del config
    yield Branch(np.ones(len(at.road)), at, Event.HANDED_OVER, ends=True)


def _maybe_impatient(
    prob: Floats, after: Situation, chance: float, events: Event = NOTHING
) -> Iterator[Branch]:
    """Yield the branch with patience as it is, and with one level less."""
    yield Branch(prob * (1 - chance), after, events)
    yield Branch(prob * chance, replace(after, patience=after.patience - 1), events)


def _hear(
    config: TabularCabinConfig, prob: Floats, at: Situation, after: Situation, slots: list[int]
) -> Iterator[tuple[Floats, Situation]]:
    """Yield (probability, columns) for each way the `slots` are heard in the noise of `at`.

    The class of a command is drawn anew, whether it was understood rightly or not.
    """
    if not slots:
        yield prob, after
        return
    slot, *rest = slots
    table = tables(config)
    level = table.level[at.motorway, at.window]
    for sure in (0, 1):
        heard = 1 + 3 * sure + level
        chance = table.sure[level] if sure else 1 - table.sure[level]
        for guarded in (0, 1) if slot == 0 else (None,):
            share = _share(config, guarded)
            kind = after.guarded if guarded is None else np.full_like(after.guarded, guarded)
            known = _with_status(after, slot, heard, kind)
            yield from _hear(config, prob * chance * share, at, known, rest)


def _share(config: TabularCabinConfig, guarded: int | None) -> float:
    if guarded is None:
        return 1.0
    return config.guarded if guarded else 1 - config.guarded


def _with_status(at: Situation, slot: int, status: Ints, guarded: Ints) -> Situation:
    heard = tuple(status if k == slot else old for k, old in enumerate(at.heard))
    return replace(at, heard=heard, guarded=guarded)


def outcome(events: Event) -> str:
    """Return how the episode ended, in words."""
    texts = {
        Event.UNSAFE: "unsafe command",
        Event.SUCCESS: "success",
        Event.REFUSED: "justified refusal",
        Event.BROKE_OFF: "driver broke off",
        Event.HANDED_OVER: "handed over to the screen",
        Event.WRONG: "unjustified refusal",
    }
    return next(text for event, text in texts.items() if event in events)
