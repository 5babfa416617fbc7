"""The exact cabin as an explicit Markov decision process.

One command with two slots, *what* and *value*, on a road with traffic, through a noisy
microphone. A state holds what the assistant can know, never the truth: whether a heard value is
right is not in it but in the probabilities, so a real assistant could reach the optimum.
Probabilities are multiples of 2^-24 (see `rlkit.rounding`).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import ClassVar

import numpy as np

from rlkit.arrays import Array, Bools, Floats, Ints
from rlkit.categorical import Categorical
from rlkit.copying import Copyable
from rlkit.envs.cabin.tabular.acts import Branch, CabinAct, Event, acts, nonsense
from rlkit.envs.cabin.tabular.config import ROADS, Act, TabularCabinConfig
from rlkit.envs.cabin.tabular.states import OVER, CabinState, Situation, States
from rlkit.envs.cabin.tabular.tables import (
    duration,
    load_profile,
    seconds_at_risk,
    stationary_road,
    tables,
)
from rlkit.mdp import MDP
from rlkit.model import TabularModel
from rlkit.outcomes import Outcomes
from rlkit.rounding import on_grid

FOLLOWING = 12
"""Roads times loads: in so many ways a branch goes on."""


@dataclass(frozen=True)
class _Block:
    """All outcomes of one act from n states, padded: `(n, branches * FOLLOWING)` each."""

    next_states: Ints
    probs: Floats
    rewards: Floats
    terminated: Bools
    events: Array


class TabularCabin(Copyable, MDP[CabinState, str]):
    """The exact cabin: 8,640 states and the end, 9 acts; 69,120 and 11 with three slots.

    Args:
        config: Its constants.
    """

    remade: ClassVar[tuple[str, ...]] = ("acts",)

    def __init__(self, config: TabularCabinConfig | None = None) -> None:
        self.config = config or TabularCabinConfig()
        self._remake()
        self.actions: Sequence[str] = tuple(act.name for act in self.acts)
        self.states: States = States(self.config.slots, self.config.patience)
        self.discount = self.config.discount
        self._costs: dict[tuple[int, int, int, bool], tuple[int, float]] = {}

    def _remake(self) -> None:
        self.acts: tuple[CabinAct, ...] = acts(self.config)

    @property
    def named_start(self) -> CabinState:
        """All slots unknown, motorway, window open, load low, full patience."""
        return CabinState(("-",) * self.config.slots, "open", "mk", "low", self.config.patience)

    @cached_property
    def initial(self) -> Categorical[CabinState]:  # type: ignore[override]
        """Nothing known, load low, road stationary; window and patience by even odds."""
        road = stationary_road(self.config)
        starts, probs = [], []
        for name, share in zip(ROADS, road, strict=True):
            for window in ("closed", "open"):
                for patience in (self.config.patience - 1, self.config.patience):
                    unknown = ("-",) * self.config.slots
                    starts.append(CabinState(unknown, window, name, "low", patience))
                    probs.append(share / 4)
        return Categorical(starts, on_grid(probs))

    def transition(self, s: CabinState, a: str) -> Categorical[CabinState]:
        """Return p(. | s, a)."""
        block = self._single(s, a)
        places, inverse = np.unique(block.next_states[0], return_inverse=True)
        probs = np.bincount(inverse, block.probs[0])
        kept = probs > 0
        return Categorical([self.states[int(p)] for p in places[kept]], probs[kept])

    def reward(self, s: CabinState, a: str, s_next: CabinState) -> float:
        """Return the expected reward of this transition."""
        block = self._single(s, a)
        chosen = (block.next_states[0] == self.states.index(s_next)) & (block.probs[0] > 0)
        if not chosen.any():
            return 0.0
        probs, rewards = block.probs[0][chosen], block.rewards[0][chosen]
        return math.fsum(probs * rewards) / math.fsum(probs)

    def terminal(self, s: CabinState) -> bool:
        """Return whether the dialogue is over."""
        return s == OVER

    def legal(self, s: CabinState) -> Sequence[str]:
        """Return the acts that make sense in s."""
        if s == OVER:
            return self.actions
        at = self._at(s)
        return [act.name for act in self.acts if act.legal(at)[0]]

    def tabulate(self) -> TabularModel:
        """Return the arrays of this problem; built once for each configuration."""
        return _model(self.config)

    def terms(self, state: int, action: int, events: Event) -> dict[str, float]:
        """Return the reward of a step term by term.

        Args:
            state: Index of the state in which the act began.
            action: Index of the act.
            events: What happened.
        """
        seconds, risk = self.cost(state, action, events)
        weights = self.config.weights
        waiting = self.actions[action] == "wait"
        return {
            "time": weights.time * seconds + weights.wait * waiting,
            "risk": weights.risk * risk,
            **{name: value for event, name, value in self._prices() if event in events},
        }

    def cost(self, state: int, action: int, events: Event) -> tuple[int, float]:
        """Return the seconds, and the seconds at risk, of a step; arguments as for `terms`."""
        patience = self.config.patience
        road, load = state // (2 * patience) % len(ROADS), state // patience % 2
        legal = bool(self.tabulate().legal[state, action])
        key = (action if legal else -1, road, load, Event.CORRECTED in events)
        if key not in self._costs:
            timing = self.acts[action].timing if legal else self.config.nonsense
            at = self.states.situation(np.array([state]))
            seconds, risk = self._seconds_and_risk(timing, at, corrected=key[3])
            self._costs[key] = int(seconds[0]), float(risk[0])
        return self._costs[key]

    def block(self, place: int, at: Situation) -> _Block:
        """Return all outcomes of act number `place` from states where it is legal, or from none."""
        timing, branches = self._timing(place, at)
        return self._expand(at, timing, branches, waiting=self.actions[place] == "wait")

    def _at(self, s: CabinState) -> Situation:
        return self.states.situation(np.array([self.states.index(s)]))

    def _single(self, s: CabinState, a: str) -> _Block:
        return self.block(self.actions.index(a), self._at(s))

    def _timing(self, place: int, at: Situation) -> tuple[Act, list[Branch]]:
        """Return the timing and the branches of an act that is legal in all of `at`, or in none."""
        act = self.acts[place]
        if act.legal(at).all():
            return act.timing, list(act.branches(self.config, at))
        return self.config.nonsense, list(nonsense(self.config, at))

    def _seconds_and_risk(
        self, timing: Act, at: Situation, *, corrected: bool
    ) -> tuple[Ints, Floats]:
        seconds = duration(timing, at.load)
        risk = seconds_at_risk(self.config, timing, at.road, at.load)
        if corrected:
            more = self.config.correction
            risk = risk + seconds_at_risk(self.config, more, at.road, at.load, after=seconds)
            seconds = seconds + duration(more, at.load)
        return seconds, risk

    def _prices(self) -> list[tuple[Event, str, float]]:
        weights = self.config.weights
        return [
            (Event.SUCCESS, "success", weights.success),
            (Event.WRONG, "wrong", weights.wrong),
            (Event.UNSAFE, "unsafe", weights.unsafe),
            (Event.REFUSED, "refusal", weights.refusal),
            (Event.BROKE_OFF, "break_off", weights.break_off),
            (Event.HANDED_OVER, "hand_over", weights.hand_over),
            (Event.QUIETED, "quiet", weights.quiet),
        ]

    def _price(self, events: Event) -> float:
        return math.fsum(value for event, _, value in self._prices() if event in events)

    def _expand(
        self, at: Situation, timing: Act, branches: list[Branch], *, waiting: bool
    ) -> _Block:
        """Let the road and the load move on in every branch, and pay for it."""
        weights = self.config.weights
        moved = {
            corrected: self._move(timing, at, corrected=corrected) for corrected in (False, True)
        }
        parts: list[tuple[Array, ...]] = []
        for branch in branches:
            corrected = Event.CORRECTED in branch.events
            seconds, risk = self._seconds_and_risk(timing, at, corrected=corrected)
            spent = weights.time * seconds + weights.risk * risk + weights.wait * waiting
            gone = branch.after.patience < 0
            over = gone | branch.ends
            events = np.where(gone, branch.events | Event.BROKE_OFF, branch.events)
            paid = self._price(branch.events) + spent + gone * weights.break_off
            places, shares = self._following(branch, over, moved[corrected])
            parts.append(
                (
                    places,
                    branch.prob[:, None] * shares,
                    *(
                        np.broadcast_to(column[:, None], places.shape)
                        for column in (paid, over, events.astype(np.uint8))
                    ),
                )
            )
        next_states, probs, *columns = (
            np.concatenate(column, axis=1) for column in zip(*parts, strict=True)
        )
        return _Block(next_states, on_grid(probs), *columns)

    def _move(self, timing: Act, at: Situation, *, corrected: bool) -> Floats:
        """Return the distribution of road and load after an act, `(n, FOLLOWING)`."""
        more = self.config.correction
        seconds = duration(timing, at.load) + (duration(more, at.load) if corrected else 0)
        demand = more.demand if corrected else timing.demand
        road = tables(self.config).roads[seconds, at.road]
        high = load_profile(self.config, demand)[at.load, seconds]
        loads = np.stack([1 - high, high], axis=1)
        return np.asarray((road[:, :, None] * loads[:, None, :]).reshape(len(high), FOLLOWING))

    def _following(self, branch: Branch, over: Bools, moved: Floats) -> tuple[Ints, Floats]:
        """Return next states and their shares; the end takes all of the first column."""
        n = len(over)
        after = branch.after
        places = np.empty((n, FOLLOWING), dtype=np.int64)
        calm = np.maximum(after.patience, 0)
        for place in range(FOLLOWING):
            road, load = np.full(n, place // 2), np.full(n, place % 2)
            places[:, place] = self.states.places(
                Situation(after.heard, after.guarded, after.window, road, load, calm)
            )
        places[over] = self.states.over
        ending = np.zeros(FOLLOWING)
        ending[0] = 1.0
        return places, np.where(over[:, None], ending, moved)


@lru_cache(maxsize=8)
def _model(config: TabularCabinConfig) -> TabularModel:
    problem = TabularCabin(config)
    states = problem.states
    everywhere = states.situation(np.arange(states.over))
    num_actions = len(problem.actions)
    legal = np.ones((len(states), num_actions), dtype=np.bool_)
    groups = []
    for place, act in enumerate(problem.acts):
        legal[:-1, place] = act.legal(everywhere)
        for chosen in (legal[:-1, place], ~legal[:-1, place]):
            here = np.flatnonzero(chosen)
            if len(here):
                block = problem.block(place, states.situation(here))
                groups.append((here * num_actions + place, block))
    outcomes = _gather(groups, len(states), num_actions)
    terminal = np.zeros(len(states), dtype=np.bool_)
    terminal[-1] = True
    initial = np.zeros(len(states))
    for state, prob in problem.initial:
        initial[states.index(state)] += prob
    return TabularModel.from_outcomes(
        outcomes, config.discount, initial=initial, terminal=terminal, legal=legal
    )


def _gather(groups: list[tuple[Ints, _Block]], num_states: int, num_actions: int) -> Outcomes:
    """Put the outcomes of all rows into row order, without the impossible ones."""
    lengths = np.zeros(num_states * num_actions, dtype=np.int64)
    for rows, block in groups:
        lengths[rows] = (block.probs > 0).sum(axis=1)
    starts = np.concatenate([[0], np.cumsum(lengths)])
    size = int(starts[-1])
    outcomes = Outcomes(
        starts=starts,
        next_states=np.empty(size, dtype=np.int64),
        probs=np.empty(size),
        rewards=np.empty(size),
        terminated=np.empty(size, dtype=np.bool_),
        events=np.empty(size, dtype=np.uint8),
        num_states=num_states,
        num_actions=num_actions,
    )
    for rows, block in groups:
        possible = block.probs > 0
        rank = possible.cumsum(axis=1) - 1
        target = (starts[rows][:, None] + rank)[possible]
        for name in ("next_states", "probs", "rewards", "terminated", "events"):
            getattr(outcomes, name)[target] = getattr(block, name)[possible]
    good = (outcomes.events & (Event.SUCCESS | Event.REFUSED)) > 0
    return replace(outcomes, successes=outcomes.terminated & good)
