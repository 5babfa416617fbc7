"""What the single and the vector form of a finite MDP share: model, spaces, masks, outcomes."""

from typing import Any, ClassVar

import numpy as np
from gymnasium import spaces

from rlkit.arrays import Array, Masks
from rlkit.copying import Copyable
from rlkit.elements import Element, Elements
from rlkit.mdp import MDP
from rlkit.model import TabularModel
from rlkit.outcomes import Outcomes
from rlkit.policy import UniformPolicy

Problem = MDP[Any, Any] | TabularModel


class Tabular(Copyable):
    """A finite MDP with its spaces, masks, observations and outcomes.

    Args:
        problem: An `MDP` or a `TabularModel`.
        observations: `(S, ...)`, the observation of each state; None shows the state index.
        observation_space: Of these observations; the smallest box around them by default.
    """

    remade: ClassVar[tuple[str, ...]] = ("masks",)

    def __init__(
        self,
        problem: Problem,
        observations: Array | None = None,
        observation_space: spaces.Space[Any] | None = None,
    ) -> None:
        self.problem = problem
        if isinstance(problem, TabularModel):
            self.model = problem
        else:
            self.model = TabularModel.from_mdp(problem)
        self.all_legal = bool(self.model.legal.all())
        self.table = observations
        self.action_space = spaces.Discrete(self.model.num_actions)
        smallest = _space_of(observations, self.model.num_states)
        self.observation_space = smallest if observation_space is None else observation_space
        self.outcomes = self.model.outcomes.without_empty_rows()
        self.first = _first_states(self.model)
        self._remake()

    def _remake(self) -> None:
        self.masks: Masks = self.model.legal.astype(np.int8)
        self.masks.flags.writeable = False  # copies of an array can be written

    def observe(self, states: Any) -> Any:
        """Return the observation of a state index, or of an array of them."""
        if self.table is not None:
            return self.table[states].copy()
        return states.copy() if isinstance(states, np.ndarray) else np.int64(states)


def elements_of(problem: Problem, model: TabularModel) -> Elements:
    """Return the five elements of a finite problem."""
    named = problem if isinstance(problem, MDP) else None
    actions = list(range(model.num_actions)) if named is None else list(named.actions)
    shown = ", ".join(map(str, actions[:12])) + (", ..." if len(actions) > 12 else "")
    return Elements(
        state=Element(
            "s",
            f"one of {model.num_states:,} states, {int(model.terminal.sum()):,} of them terminal",
            range(model.num_states) if named is None else named.states,
        ),
        action=Element("a", f"{model.num_actions} actions: {shown}", actions),
        policy=Element(
            "pi(a|s)",
            "any agent; the uniform one over legal actions as a start",
            UniformPolicy(model.num_actions),
        ),
        transition=Element(
            "p(s'|s,a)",
            f"exact: {model.P.nnz:,} transitions with positive probability",
            model.P if named is None else named.transition,
        ),
        reward=Element(
            "r(s,a,s')",
            f"expected reward of a step from {model.R[model.legal].min():.4g} to "
            f"{model.R[model.legal].max():.4g}, discount {model.discount:g}",
            model.R if named is None else named.reward,
        ),
    )


def _space_of(observations: Array | None, num_states: int) -> spaces.Space[Any]:
    if observations is None:
        return spaces.Discrete(num_states)
    if len(observations) != num_states:
        raise ValueError(
            f"there must be one observation for each of {num_states} states, got "
            f"{len(observations)}"
        )
    low, high = observations.min(axis=0), observations.max(axis=0)
    return spaces.Box(low, high, dtype=observations.dtype.type)


def _first_states(model: TabularModel) -> Outcomes:
    """Return the initial distribution as outcomes of one row."""
    support = np.flatnonzero(model.initial)
    size = len(support)
    if not size:
        raise ValueError("the initial distribution is empty: every state is terminal")
    return Outcomes(
        starts=np.array([0, size]),
        next_states=support,
        probs=model.initial[support],
        rewards=np.zeros(size),
        terminated=np.zeros(size, dtype=np.bool_),
        events=np.zeros(size, dtype=np.uint8),
        num_states=1,
        num_actions=1,
    )
