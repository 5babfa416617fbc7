"""An environment of anybody's, as the plain learning loop plays it: what it tells is checked."""

from typing import Any, ClassVar

import gymnasium
import numpy as np
from gymnasium.spaces import Discrete

from rlkit.agents import snapshots
from rlkit.agents.checked import Checked
from rlkit.agents.checking import MASK, OddAnswerError, name_of
from rlkit.agents.witness import Witness
from rlkit.arrays import Array, Bools, Ints
from rlkit.copying import Copyable
from rlkit.policy import checked_states


class ForeignWorld(Copyable):
    """Any environment with Discrete spaces; masks come from `info["action_mask"]`.

    States and actions are counted from 0 here, whatever number they start with there.

    Args:
        env: The environment; it keeps its own time limit.
        seen: `(S, A)`, written: the mask of each state that was met.
        seed: Of the first reset.
        limit: A further step limit; -1 for none.
    """

    remade: ClassVar[tuple[str, ...]] = ("_checked", "_witness")

    def __init__(
        self, env: gymnasium.Env[Any, Any], seen: Bools, seed: int, limit: int = -1
    ) -> None:
        self.env, self.seen, self.limit = env, seen, limit
        self.seed: int | None = seed
        self._first_state, self._first_action = first_numbers(env)
        self._remake()

    def _remake(self) -> None:
        self._checked = Checked(self.env, finite=True)
        self._witness = Witness(self.env)

    def note(self) -> None:
        """Take what the environment has played so far for the learner's own doing."""
        self._witness.note()

    def disturbed(self) -> bool:
        """Return whether somebody else has played the environment since the last `note`."""
        return self._witness.disturbed()

    def snapshot(self) -> dict[str, Array] | None:
        """Return all that the next steps depend on; None if the environment cannot be copied."""
        return snapshots.take(self.env)

    def restore(self, state: dict[str, Array]) -> bool:
        """Go on exactly where `snapshot` was called; return False if it was of another kind."""
        self.env.reset(seed=self.seed)  # some environments must be reset once before they go on
        now = snapshots.take(self.env)
        if now is None or now.keys() != state.keys():
            return False
        snapshots.restore(self.env, state)
        self.seed = None
        self.note()
        return True

    def reset(self, draw: float | None) -> int:
        """Return a first state."""
        del draw
        observation, info = self._checked.reset(seed=self.seed)
        self.seed = None
        return self._note_mask(int(observation) - self._first_state, info, over=False)

    def step(self, action: int) -> tuple[int, float, bool, bool]:
        """Return (next state, reward, terminated, truncated)."""
        answer = self._checked.step(action + self._first_action)
        observation, reward, terminated, truncated, info = answer
        state, over = int(observation) - self._first_state, bool(terminated or truncated)
        self._note_mask(state, info, over=over)
        return state, float(reward), bool(terminated), bool(truncated)

    def _note_mask(self, state: int, info: dict[str, Any], *, over: bool) -> int:
        mask = info.get(MASK)
        if mask is None:
            return state
        legal = np.asarray(mask) != 0
        if legal.any():
            self.seen[state] = legal
        elif not over:
            raise OddAnswerError(
                f"in {name_of(self.env)}, the action mask of state {state + self._first_state} at "
                f"its step {self._checked.taken} forbids every action; at least one must be legal"
            )
        return state


def places_of(observation: Any, env: gymnasium.Env[Any, Any]) -> Ints:
    """Return the indices from 0 of states as an environment numbers them.

    Raises:
        ValueError: If one is no number of a state.
    """
    space: Any = env.observation_space
    return checked_states(observation, int(space.n), int(space.start))


def first_numbers(env: gymnasium.Env[Any, Any]) -> tuple[int, int]:
    """Return the numbers with which the states and the actions of an environment start."""
    spaces: Any = env.observation_space, env.action_space
    states, actions = (int(space.start) if isinstance(space, Discrete) else 0 for space in spaces)
    return states, actions
