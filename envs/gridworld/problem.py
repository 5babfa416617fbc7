"""A gridworld as an explicit Markov decision process."""

import math
from collections.abc import Mapping, Sequence

import numpy as np

from rlkit.arrays import Bools, Floats, Ints
from rlkit.categorical import Categorical
from rlkit.checks import finite, in_unit_interval
from rlkit.envs.gridworld import maps
from rlkit.envs.gridworld.board import Board, can_reach, reached
from rlkit.envs.gridworld.moves import action_odds, headings
from rlkit.envs.gridworld.states import Place, Places
from rlkit.mdp import MDP
from rlkit.model import TabularModel
from rlkit.outcomes import Outcomes
from rlkit.rounding import on_grid

DEFAULT_REWARDS = {maps.BONUS: 0.1, maps.PENALTY: -0.1}


class GridWorldMDP(MDP[Place, str]):
    """Moves on a map, with everything that `maps.LEGEND` names.

    Walls, closed doors and the border stop a move: it goes sideways first, then up or down, the
    wind of the column where it began included, cell by cell as far as nothing blocks the way. Only
    the cell where it ends counts. The states are those that can be reached from the starts.

    Args:
        map: A name of `MAPS`, a file, text, or rows; see `read_map`.
        moves: "four", "king" or "walk"; see `action_odds`.
        stay: Whether there is an action more that stays.
        slip: Probability in [0, 1] that a move goes to either side instead, half each.
        noise: Probability in [0, 1] that a move goes in any other direction, each alike.
        wind: Cells that the wind blows upwards in each column; none by default.
        goal_reward: Paid on entering a goal, which ends the episode.
        pit_reward: Paid on entering a pit, which ends it too.
        cliff_reward: Paid on falling off a cliff, which leads back to the start.
        step_reward: Paid on every step, beside all others.
        rewards: What a step pays that leads onto a tile, or stays on it: by glyph, or by cell as
            "row,column" from 0, which goes before the glyph's. By default .1 for a bonus and -.1
            for a penalty.
        discount: In [0, 1].

    Raises:
        ValueError: If the map, a probability or a reward is wrong, a goal cannot be reached from
            any start, or from a start no goal.
    """

    def __init__(
        self,
        map: str | Sequence[str] = "classroom",  # noqa: A002 - the keyword users know
        *,
        moves: str = "four",
        stay: bool = False,
        slip: float = 0.0,
        noise: float = 0.0,
        wind: Sequence[int] | None = None,
        goal_reward: float = 1.0,
        pit_reward: float = -1.0,
        cliff_reward: float = -1.0,
        step_reward: float = 0.0,
        rewards: Mapping[str, float] | None = None,
        discount: float = 0.99,
    ) -> None:
        self.odds = action_odds(moves, stay=stay, slip=slip, noise=noise)
        self.actions: Sequence[str] = tuple(self.odds)
        self.headings = headings(self.odds)
        self.rows = maps.read_map(map)
        self.discount = in_unit_interval("discount", discount)
        named = {maps.GOAL: goal_reward, maps.PIT: pit_reward, maps.CLIFF: cliff_reward}
        pay = _rewards_on(self.rows, {**DEFAULT_REWARDS, **named, **(rewards or {})})
        self._lay_out(Board(self.rows, wind), finite("step_reward", step_reward) + pay)

    def _lay_out(self, board: Board, pay: Floats) -> None:
        """Find the states that can be reached, and where each way leads from them."""
        ways = list(dict.fromkeys(way for odds in self.odds.values() for way in odds))
        self._way = {way: number for number, way in enumerate(ways)}
        led = [board.lead(way) for way in ways]
        ends = np.stack([end for end, _, _ in led], axis=1)
        over = np.isin(board.tile(), [maps.GOAL, maps.PIT])
        sources = board.at(maps.starts(self.rows))
        found = reached(ends, sources, over)
        solved = can_reach(ends, np.flatnonzero(board.tile() == maps.GOAL), over)
        _check_solvable(board, found, solved, sources)
        kept = np.flatnonzero(found)
        self.places = Places(board, kept)
        self.states: Sequence[Place] = self.places
        self._terminal: Bools = over[kept]
        self._goal: Bools = np.asarray(board.tile()[kept] == maps.GOAL)
        self._first: Ints = self.places.index_of[sources]
        self._first_probs: Floats = on_grid(np.full(len(self._first), 1 / len(self._first)))
        self.initial = Categorical([self.places[int(i)] for i in self._first], self._first_probs)
        # Nothing follows a terminal state, so its ways lead to itself.
        itself = np.arange(len(kept))[:, None]
        self._ends: Ints = np.where(
            self._terminal[:, None], itself, self.places.index_of[ends[kept]]
        )
        paid = np.stack([pay[row - 1, column - 1] for _, row, column in led], axis=1)
        self._paid: Floats = paid[kept]

    def _turns(self, action: int) -> tuple[Ints, Floats]:
        """Return the ways that an action may go, by number, and their odds."""
        odds = self.odds[self.actions[action]]
        return np.array([self._way[way] for way in odds]), np.array(list(odds.values()))

    def transition(self, s: Place, a: str) -> Categorical[Place]:
        """Return p(. | s, a)."""
        probs: dict[Place, float] = {}
        for end, _, odd in self._results(s, a):
            place = self.states[end]
            probs[place] = probs.get(place, 0.0) + odd
        return Categorical(list(probs), list(probs.values()))

    def reward(self, s: Place, a: str, s_next: Place) -> float:
        """Return the expected reward of getting from s to s_next by a; 0 if that cannot be."""
        target = self.places.number(s_next)
        ways = [(paid, odd) for end, paid, odd in self._results(s, a) if end == target]
        total = math.fsum(odd for _, odd in ways)
        return math.fsum(paid * odd for paid, odd in ways) / total if ways else 0.0

    def terminal(self, s: Place) -> bool:
        """Return whether s is a goal or a pit."""
        return bool(self._terminal[self.places.number(s)])

    def tabulate(self) -> TabularModel:
        """Return the arrays, built without a loop over states."""
        size, actions = len(self.states), len(self.actions)
        turns = [self._turns(action) for action in range(actions)]
        ways = np.concatenate([numbers for numbers, _ in turns])
        odds = np.concatenate([odds for _, odds in turns])
        lengths = np.tile([len(numbers) for numbers, _ in turns], size)
        ends = self._ends[:, ways].ravel()
        outcomes = Outcomes(
            starts=np.concatenate([[0], np.cumsum(lengths)]),
            next_states=ends,
            probs=np.tile(odds, size),
            rewards=self._paid[:, ways].ravel(),
            terminated=self._terminal[ends],
            events=np.zeros(len(ends), dtype=np.uint8),
            num_states=size,
            num_actions=actions,
            successes=self._goal[ends],
        )
        initial = np.bincount(self._first, self._first_probs, minlength=size)
        return TabularModel.from_outcomes(
            outcomes, self.discount, initial=initial, terminal=self._terminal
        )

    def _results(self, s: Place, a: str) -> list[tuple[int, float, float]]:
        """Return (next state, reward, probability) of each way that an action may go."""
        state = self.places.number(s)
        ways, odds = self._turns(self.actions.index(a))
        rows = zip(self._ends[state, ways], self._paid[state, ways], odds, strict=True)
        return [(int(end), float(paid), float(odd)) for end, paid, odd in rows]


def _check_solvable(board: Board, found: Bools, solved: Bools, sources: Ints) -> None:
    """Refuse a goal that is not found from any start, and a start from which none is."""
    goals = board.at(np.argwhere(board.glyphs == maps.GOAL) - 1)
    met: Bools = np.asarray(found.reshape(board.layers, -1).any(axis=0))
    for goal in goals[~met[goals]]:
        raise ValueError(
            f"the goal in {board.spot(goal)} cannot be reached from any start; open a way to it"
        )
    for source in sources[~solved[sources]]:
        raise ValueError(
            f"no goal can be reached from the start in {board.spot(source)}; open a way, or mark "
            f"the starts with {maps.START}"
        )


def _rewards_on(rows: Sequence[str], rewards: Mapping[str, float]) -> Floats:
    """Return what each cell pays, `(rows, columns)`.

    Raises:
        ValueError: If a key is neither a tile nor a cell, or a reward is not finite.
    """
    glyphs = np.array([list(row) for row in rows])
    pay = np.zeros(glyphs.shape)
    for name, value in sorted(rewards.items(), key=lambda item: len(item[0])):
        finite(f"the reward of {name!r}", value)
        if name in maps.LEGEND:
            pay[glyphs == name] = value
        else:
            pay[_cell(name, glyphs.shape)] = value
    return pay


def _cell(name: str, shape: tuple[int, ...]) -> tuple[int, int]:
    """Return the cell that is written as "row,column"."""
    parts = [part.strip() for part in name.split(",")]
    if len(parts) == 2 and all(part.isdecimal() for part in parts):
        row, column = map(int, parts)
        if row < shape[0] and column < shape[1]:
            return row, column
    raise ValueError(
        f"rewards has the key {name!r}; allowed are cells as 'row,column' from 0 within "
        f"{shape[0]} x {shape[1]}, and tiles: {maps.legend()}"
    )
