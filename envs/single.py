"""Any finite MDP as a single Gymnasium environment."""

import operator
from typing import Any, ClassVar, SupportsFloat

import gymnasium
import numpy as np
from gymnasium import spaces

from rlkit.arrays import Array, Bools, Masks, plain
from rlkit.copying import Copyable
from rlkit.elements import Elements
from rlkit.envs.arguments import STATE, checked_options, checked_seed
from rlkit.envs.plain import PlainOutcomes
from rlkit.envs.tabular import Problem, Tabular, elements_of
from rlkit.names import unknown
from rlkit.randomness import Stream, derive

ON_ILLEGAL = ("null", "error")


class MDPEnv(Copyable, gymnasium.Env[Any, np.int64]):
    """A finite MDP as a single environment.

    Args:
        problem: An `MDP` or a `TabularModel`.
        observations: `(S, ...)`, the observation of each state; None shows the state index.
        observation_space: Of these observations; the smallest box around them by default.
        masks: Whether `info["action_mask"]` tells the legal actions; else it is all ones.
        on_illegal: "null" takes an illegal action as the model says (nothing happens where it
            says nothing) and sets `info["illegal"]`; "error" raises.
        render_mode: One of `metadata["render_modes"]`.
    """

    metadata: dict[str, Any] = {"render_modes": ["ansi"], "render_fps": 4}  # noqa: RUF012 - Gymnasium's contract
    remade: ClassVar[tuple[str, ...]] = ("_outcomes", "_first", "_legal")

    def __init__(
        self,
        problem: Problem,
        *,
        observations: Array | None = None,
        observation_space: spaces.Space[Any] | None = None,
        masks: bool = True,
        on_illegal: str = "null",
        render_mode: str | None = None,
    ) -> None:
        if on_illegal not in ON_ILLEGAL:
            raise ValueError(unknown("value of on_illegal", on_illegal, ON_ILLEGAL))
        if render_mode is not None and render_mode not in self.metadata["render_modes"]:
            raise ValueError(unknown("render_mode", render_mode, self.metadata["render_modes"]))
        self.tabular = Tabular(problem, observations, observation_space)
        self.model = self.tabular.model
        self.problem = problem
        self.observation_space = self.tabular.observation_space
        self.action_space = self.tabular.action_space
        self.render_mode = render_mode
        self.masks = masks
        self.on_illegal = on_illegal
        self.state_index = -1
        self.over = True
        self._stream: Stream | None = None
        self._ones = np.ones(self.model.num_actions, dtype=np.int8)
        self._remake()

    def _remake(self) -> None:
        super()._remake()
        self._outcomes = PlainOutcomes(self.tabular.outcomes)
        self._first = PlainOutcomes(self.tabular.first)
        self._legal = plain(self.model.legal)

    @property
    def elements(self) -> Elements:
        """The five elements of this problem."""
        return elements_of(self.problem, self.model)

    @property
    def discount(self) -> float:
        """The discount of the problem."""
        return self.model.discount

    def observe(self, state: int) -> Any:
        """Return the observation of a state index."""
        return self.tabular.observe(state)

    def action_masks(self) -> Bools:
        """Return which actions are legal now, `(A,)`; the form that sb3-contrib asks for."""
        return self._mask().astype(np.bool_)

    def get_state(self) -> dict[str, int]:
        """Return all that the future depends on: state, key, counter, and if it is over."""
        stream = self._started()
        return {
            "state": self.state_index,
            "over": int(self.over),
            "key": stream.key,
            "counter": stream.counter,
        }

    def set_state(self, state: dict[str, int]) -> None:
        """Go on exactly where `get_state` was called."""
        self.state_index = int(state["state"])
        self.over = bool(state["over"])
        self._stream = Stream(int(state["key"]), int(state["counter"]))

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """Draw a first state.

        Args:
            seed: Starts the stream of this seed; None goes on with the present one.
            options: `{"state": index}` begins in that state instead.

        Raises:
            ValueError: If the seed, the state or the name of an option is none.
        """
        seed, given = checked_seed(seed), checked_options(options, STATE)
        super().reset(seed=seed)
        if seed is not None:
            self._stream = Stream(derive(seed, 0))
        elif self._stream is None:
            self._stream = Stream(int(self.np_random.integers(2**63)))
        chosen = self._checked_state(given[STATE]) if STATE in given else None
        first = self._first
        drawn = first.next_states[first.draw(0, self._started())]
        self.state_index = drawn if chosen is None else chosen
        self.over = bool(self.model.terminal[self.state_index])
        return self.observe(self.state_index), {"action_mask": self._mask()}

    def step(self, action: Any) -> tuple[Any, SupportsFloat, bool, bool, dict[str, Any]]:
        """Take one action.

        Raises:
            ValueError: If the action is outside the space, or illegal and `on_illegal="error"`.
            RuntimeError: If the episode is over.
        """
        if self.over:
            raise RuntimeError("the episode is over (or never began): call reset() first")
        before, chosen, outcomes = self.state_index, self._checked(action), self._outcomes
        place = outcomes.draw(before * self.model.num_actions + chosen, self._started())
        self.state_index = outcomes.next_states[place]
        self.over = outcomes.terminated[place]
        info: dict[str, Any] = {"action_mask": self._mask()}
        if not self._legal[before, chosen]:
            info["illegal"] = True
        info.update(self._told(before, chosen, place))
        return self.observe(self.state_index), outcomes.rewards[place], self.over, False, info

    def render(self) -> Any:
        """Return the present state as text in `ansi` mode."""
        return f"state {self.state_index}\n" if self.render_mode == "ansi" else None

    def _told(self, state: int, action: int, place: int) -> dict[str, Any]:  # noqa: ARG002 - for subclasses
        """Return what `info` tells about the outcome at `place`; subclasses know more."""
        return {}

    def _mask(self) -> Masks:
        return (self.tabular.masks[self.state_index] if self.masks else self._ones).copy()

    def _started(self) -> Stream:
        if self._stream is None:
            raise RuntimeError("call reset() first")
        return self._stream

    def _checked(self, action: Any) -> int:
        try:
            chosen = operator.index(action)
        except TypeError:
            chosen = -1
        if not 0 <= chosen < self.model.num_actions:
            raise ValueError(
                f"action {action!r} is outside of {self.action_space}: an integer "
                f"0 ... {self.model.num_actions - 1} is allowed"
            )
        if self.on_illegal == "error" and not self._legal[self.state_index, chosen]:
            legal = np.flatnonzero(self.model.legal[self.state_index])
            raise ValueError(
                f"action {self._action_name(chosen)} is illegal in this state; legal: "
                f"{', '.join(self._action_name(int(a)) for a in legal)}"
            )
        return chosen

    def _action_name(self, action: int) -> str:
        names = getattr(self.problem, "actions", None)
        return f"{action} ({names[action]})" if names is not None else str(action)

    def _checked_state(self, state: Any) -> int:
        if not _is_whole(state) or not 0 <= int(state) < self.model.num_states:
            raise ValueError(
                f"options['state'] must be an index 0 ... {self.model.num_states - 1}, "
                f"got {state!r}"
            )
        return int(state)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int | np.integer) or (
        isinstance(value, np.ndarray) and value.ndim == 0 and value.dtype.kind in "iu"
    )
