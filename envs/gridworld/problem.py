"""A gridworld as an explicit Markov decision process."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from rlkit.arrays import Bools, Floats, Ints
from rlkit.categorical import Categorical, uniform
from rlkit.envs.gridworld.maps import GOAL, PIT, WALL, cells, read_map, starts
from rlkit.mdp import MDP
from rlkit.model import TabularModel
from rlkit.outcomes import Outcomes

ACTIONS = ("up", "right", "down", "left")
MOVES = np.array([[-1, 0], [0, 1], [1, 0], [0, -1]])

Cell = tuple[int, int]


class GridWorldMDP(MDP[Cell, str]):
    """Four moves on a map. A move into a wall or the border stays in place.

    Args:
        map: A name of `MAPS`, text, or rows; see `LEGEND`.
        slip: Probability in [0, 1] that a move goes sideways instead, half to each side.
        goal_reward: Paid on entering a goal, which ends the episode.
        pit_reward: Paid on entering a pit, which ends it too.
        step_reward: Paid on every step.
        discount: In [0, 1].

    Raises:
        ValueError: If the map or a probability is wrong.
    """

    actions: Sequence[str] = ACTIONS

    def __init__(
        self,
        map: str | Sequence[str] = "classroom",  # noqa: A002 - the keyword users know
        *,
        slip: float = 0.0,
        goal_reward: float = 1.0,
        pit_reward: float = -1.0,
        step_reward: float = 0.0,
        discount: float = 0.99,
    ) -> None:
        if not 0 <= slip <= 1:
            raise ValueError(f"slip must lie in [0, 1], got {slip}")
        if not 0 <= discount <= 1:
            raise ValueError(f"discount must lie in [0, 1], got {discount}")
        self.rows = read_map(map)
        self.slip = slip
        self.discount = discount
        self._pay = {GOAL: goal_reward, PIT: pit_reward}
        self.step_reward = step_reward
        self._glyphs = np.array([list(row) for row in self.rows])
        self._number = np.full(self._glyphs.shape, -1)
        places = np.argwhere(self._glyphs != WALL)
        self._number[tuple(places.T)] = np.arange(len(places))
        self._places = places
        self.states: Sequence[Cell] = [(int(i), int(k)) for i, k in places]
        self.initial = uniform(starts(self.rows))

    @cached_property
    def _next(self) -> Ints:
        """Where each direction leads from each state, `(S, 4)`."""
        height, width = self._glyphs.shape
        targets = self._places[:, None, :] + MOVES
        clipped = np.stack(
            [targets[..., 0].clip(0, height - 1), targets[..., 1].clip(0, width - 1)], axis=-1
        )
        inside = (clipped == targets).all(axis=-1)
        number = self._number[clipped[..., 0], clipped[..., 1]]
        return np.where(inside & (number >= 0), number, np.arange(len(number))[:, None])

    @cached_property
    def _rewards(self) -> Floats:
        """What entering each state pays beside the step, `(S,)`."""
        glyphs = self._glyphs[tuple(self._places.T)]
        return np.select([glyphs == mark for mark in self._pay], list(self._pay.values()), 0.0)

    @cached_property
    def _terminal(self) -> Bools:
        return np.isin(self._glyphs[tuple(self._places.T)], list(self._pay))

    def directions(self, action: int) -> tuple[Ints, Floats]:
        """Return the directions that an action may take, straight first, and their odds, `(3,)`."""
        around = (action + np.array([0, 1, 3])) % 4
        return around, np.array([1 - self.slip, self.slip / 2, self.slip / 2])

    def transition(self, s: Cell, a: str) -> Categorical[Cell]:
        """Return p(. | s, a): straight on, or to either side."""
        around, odds = self.directions(ACTIONS.index(a))
        probs: dict[Cell, float] = {}
        for target, prob in zip(self._next[self._number[s], around], odds, strict=True):
            if prob > 0:
                cell = self.states[target]
                probs[cell] = probs.get(cell, 0.0) + float(prob)
        return Categorical(list(probs), list(probs.values()))

    def reward(self, s: Cell, a: str, s_next: Cell) -> float:
        """Return the reward of entering s_next."""
        del s, a
        return self.step_reward + float(self._rewards[self._number[s_next]])

    def terminal(self, s: Cell) -> bool:
        """Return whether s is a goal or a pit."""
        return bool(self._terminal[self._number[s]])

    def tabulate(self) -> TabularModel:
        """Return the arrays, built without a loop over states."""
        size, actions = len(self.states), len(ACTIONS)
        around = np.array([self.directions(a)[0] for a in range(actions)])
        odds = np.tile(self.directions(0)[1], (size * actions, 1))
        nexts = self._next[:, around].reshape(size * actions, 3)
        kept = odds > 0
        flat = nexts[kept]
        outcomes = Outcomes(
            starts=np.concatenate([[0], np.cumsum(kept.sum(axis=1))]),
            next_states=flat,
            probs=odds[kept],
            rewards=self.step_reward + self._rewards[flat],
            terminated=self._terminal[flat],
            events=np.zeros(len(flat), dtype=np.uint8),
            num_states=size,
            num_actions=actions,
        )
        initial = np.zeros(size)
        initial[[self._number[cell] for cell in self.initial.support]] = self.initial.probs
        return TabularModel.from_outcomes(
            outcomes, self.discount, initial=initial, terminal=self._terminal
        )

    def on_map(self, values: Floats) -> Floats:
        """Return values `(S, ...)` laid out on the map `(rows, columns, ...)`; NaN in walls."""
        laid = np.full((*self._glyphs.shape, *np.shape(values)[1:]), np.nan)
        laid[tuple(self._places.T)] = values
        return laid

    def goals(self) -> list[Cell]:
        """Return the goal cells."""
        return cells(self.rows, GOAL)
