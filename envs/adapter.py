"""Any finite MDP as a Gymnasium environment, single and vectorised, over the same outcomes.

Both forms draw from the same alias tables with the same counter-based stream, so trajectories
are bit-identical for the same (seed, index), in all three autoreset modes.
"""

import operator
from collections.abc import Sequence
from typing import Any, SupportsFloat

import gymnasium
import numpy as np
from gymnasium import spaces
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space

from rlkit.arrays import Array, Bools, Floats, Ints, Masks
from rlkit.elements import Element, Elements
from rlkit.envs.plain import PlainOutcomes, plain
from rlkit.mdp import MDP
from rlkit.model import TabularModel
from rlkit.names import unknown
from rlkit.outcomes import Outcomes
from rlkit.policy import UniformPolicy
from rlkit.randomness import Stream, derive, derive_many

ON_ILLEGAL = ("null", "error")
# The kernels know the modes as numbers: `DISABLED`, `NEXT_STEP`, `SAME_STEP` in `kernels.py`.
_SAVED = {
    "state": "states",
    "elapsed": "elapsed",
    "over": "over",
    "key": "keys",
    "counter": "counters",
}
"""Names in a saved state, and the fields of a batch that they are."""
CODES = {AutoresetMode.DISABLED: 0, AutoresetMode.NEXT_STEP: 1, AutoresetMode.SAME_STEP: 2}

Problem = MDP[Any, Any] | TabularModel


class Tabular:
    """What the single and the vector form share: model, spaces, masks and observations.

    Args:
        problem: An `MDP` or a `TabularModel`.
        observations: `(S, ...)`, the observation of each state; None shows the state index.
        observation_space: Of these observations; the smallest box around them by default.
    """

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
        legal = self.model.legal
        self.masks: Masks = legal.astype(np.int8)
        self.masks.flags.writeable = False
        self.all_legal = bool(legal.all())
        self.table = observations
        self.action_space = spaces.Discrete(self.model.num_actions)
        smallest = _space_of(observations, self.model.num_states)
        self.observation_space = smallest if observation_space is None else observation_space
        self.outcomes = self.model.outcomes.without_empty_rows()
        self.first = _first_states(self.model)

    def observe(self, states: Any) -> Any:
        """Return the observation of a state index, or of an array of them."""
        if self.table is not None:
            return self.table[states].copy()
        return states.copy() if isinstance(states, np.ndarray) else np.int64(states)


class MDPEnv(gymnasium.Env[Any, np.int64]):
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
        self._outcomes = PlainOutcomes(self.tabular.outcomes)
        self._first = PlainOutcomes(self.tabular.first)
        self._legal = plain(self.model.legal)
        self._ones = np.ones(self.model.num_actions, dtype=np.int8)

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
        """
        super().reset(seed=seed)
        if seed is not None:
            self._stream = Stream(derive(seed, 0))
        elif self._stream is None:
            self._stream = Stream(int(self.np_random.integers(2**63)))
        first = self._first
        self.state_index = first.next_states[first.draw(0, self._started())]
        if options and "state" in options:
            self.state_index = self._checked_state(options["state"])
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


class MDPVectorEnv(VectorEnv[Any, Any, Any]):
    """A finite MDP as thousands of environments in one compiled step.

    Args:
        problem: An `MDP` or a `TabularModel`.
        num_envs: How many.
        observations: `(S, ...)`, the observation of each state; None shows the state index.
        observation_space: Of these observations; the smallest box around them by default.
        masks: Whether `infos["action_mask"]` `(N, A)` tells the legal actions; else all ones.
        autoreset_mode: Gymnasium's `AutoresetMode` or its value.
        max_episode_steps: Truncates episodes after so many steps.
    """

    metadata: dict[str, Any] = {  # noqa: RUF012 - Gymnasium's contract
        "render_modes": [],
        "autoreset_mode": AutoresetMode.NEXT_STEP,
    }

    def __init__(
        self,
        problem: Problem,
        num_envs: int = 1,
        *,
        observations: Array | None = None,
        observation_space: spaces.Space[Any] | None = None,
        masks: bool = True,
        autoreset_mode: AutoresetMode | str = AutoresetMode.NEXT_STEP,
        max_episode_steps: int | None = None,
    ) -> None:
        if num_envs < 1:
            raise ValueError(f"num_envs must be at least 1, got {num_envs}")
        from rlkit.envs import kernels

        self._kernels = kernels
        mode = AutoresetMode(autoreset_mode)
        self.metadata = {**self.metadata, "autoreset_mode": mode}
        self.tabular = Tabular(problem, observations, observation_space)
        self.model = self.tabular.model
        self.num_envs = num_envs
        self.masks = masks
        self.single_observation_space = self.tabular.observation_space
        self.single_action_space = self.tabular.action_space
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self.action_space = batch_space(self.single_action_space, num_envs)
        self.autoreset_mode = mode
        self._code = CODES[mode]
        self._limit = max_episode_steps or -1
        self._batch = _fresh_batch(num_envs)
        self._started = False
        self._drawer = kernels.Drawer.of(self.tabular.outcomes.sampler)
        self._first = kernels.Drawer.of(self.tabular.first.sampler)
        self._everyone = np.ones(num_envs, dtype=np.bool_)
        self._everyone.flags.writeable = False
        self._all_ones = np.ones((num_envs, self.model.num_actions), dtype=np.int8)
        self._all_ones.flags.writeable = False

    @property
    def state_indices(self) -> Ints:
        """The present state of each environment, `(N,)`."""
        states: Ints = self._batch.states.copy()
        return states

    def reset(
        self,
        *,
        seed: int | Sequence[int | None] | None = None,
        options: dict[str, Any] | None = None,
    ) -> tuple[Any, dict[str, Any]]:
        """Draw first states.

        Args:
            seed: An integer s gives environment i the stream (s, i); a list gives environment i
                the stream of the single environment with its seed; None goes on.
            options: `{"reset_mask": (N,) bool}` chooses the environments to reset.
        """
        super().reset(seed=seed if isinstance(seed, int) else None)
        chosen = self._chosen(options)
        self._seed(seed, chosen)
        self._kernels.begin(self._batch, chosen, self._first)
        return self.tabular.observe(self._batch.states), self._infos()

    def step(self, actions: Array) -> tuple[Any, Floats, Bools, Bools, dict[str, Any]]:
        """Step every environment.

        Raises:
            ValueError: If actions have the wrong shape or type or are out of range; nothing moved.
            RuntimeError: Before the first reset, or in DISABLED mode if an episode is over.
        """
        kernels, chosen, batch = self._kernels, self._checked(actions), self._batch
        if not self._started or (self._code == kernels.DISABLED and batch.over.any()):
            raise RuntimeError(
                "an episode is over (or never began): call reset(), with "
                "options={'reset_mask': ...} to reset some of the environments"
            )
        size = self.num_envs
        flags = np.empty((2, size), dtype=np.bool_)
        answer = kernels.Answer(np.empty(size), flags[0], flags[1], np.empty(size, dtype=np.int64))
        ended = kernels.advance(
            batch,
            chosen,
            self._drawer,
            self.model.num_actions,
            self._limit,
            self._code,
            self._first,
            answer,
        )
        rewards, terminated, truncated, final = answer
        infos = self._infos()
        if ended and self._code == kernels.SAME_STEP:
            infos.update(self._final(terminated | truncated, final))
        return self.tabular.observe(batch.states), rewards, terminated, truncated, infos

    def get_state(self) -> dict[str, Array]:
        """Return all that the future depends on, an array of `(N,)` a name."""
        if not self._started:
            raise RuntimeError("call reset() first")
        return {name: getattr(self._batch, field).copy() for name, field in _SAVED.items()}

    def set_state(self, state: dict[str, Array]) -> None:
        """Go on exactly where `get_state` was called."""
        for name, field in _SAVED.items():
            getattr(self._batch, field)[:] = state[name]
        self._started = True

    def action_masks(self) -> Bools:
        """Return which actions are legal now, `(N, A)`."""
        return self._mask_of(self._batch.states).astype(np.bool_)

    def _mask_of(self, states: Ints) -> Masks:
        if not self.masks or self.tabular.all_legal:
            return self._all_ones
        return self.tabular.masks[states]

    def _infos(self) -> dict[str, Any]:
        return {"action_mask": self._mask_of(self._batch.states), "_action_mask": self._everyone}

    def _final(self, ended: Bools, final: Ints) -> dict[str, Any]:
        """Return the last observations and infos of the episodes that just ended."""
        observations = np.full(self.num_envs, None, dtype=object)
        for i in np.flatnonzero(ended):
            observations[i] = self.tabular.observe(int(final[i]))
        kept = np.where(ended, final, 0)
        return {
            "final_obs": observations,
            "_final_obs": ended,
            "final_info": {"action_mask": self._mask_of(kept), "_action_mask": ended},
            "_final_info": ended,
        }

    def _chosen(self, options: dict[str, Any] | None) -> Bools:
        if not options or "reset_mask" not in options:
            return np.ones(self.num_envs, dtype=np.bool_)
        chosen = np.asarray(options["reset_mask"])
        if chosen.shape != (self.num_envs,) or chosen.dtype != np.bool_ or not chosen.any():
            raise ValueError(
                f"reset_mask must be booleans of shape ({self.num_envs},) with at least one True; "
                f"got {chosen.dtype} of shape {chosen.shape}"
            )
        return chosen.copy()

    def _seed(self, seed: int | Sequence[int | None] | None, chosen: Bools) -> None:
        keys, counters = self._batch.keys, self._batch.counters
        if not self._started:
            fresh = self.np_random.integers(2**63) if seed is None else 0
            keys[:] = derive_many(int(fresh), self.num_envs)
            self._started = True
        if seed is None:
            return
        if isinstance(seed, int | np.integer):
            keys[chosen] = derive_many(int(seed), self.num_envs)[chosen]
            counters[chosen] = 0
            return
        if len(seed) != self.num_envs:
            raise ValueError(f"a list of seeds needs {self.num_envs} entries, got {len(seed)}")
        for i, own in enumerate(seed):
            if own is not None and chosen[i]:
                keys[i], counters[i] = derive(own, 0), 0

    def _checked(self, actions: Array) -> Array:
        chosen = np.asarray(actions)
        if chosen.shape != (self.num_envs,) or chosen.dtype.kind not in "iu":
            raise ValueError(
                f"actions must be integers of shape ({self.num_envs},), got {chosen.dtype} of "
                f"shape {chosen.shape}"
            )
        chosen = chosen.astype(np.int64, copy=False)
        place = self._kernels.first_illegal(chosen, self.model.num_actions)
        if place >= 0:
            raise ValueError(
                f"action {chosen[place]} of environment {place} is outside of "
                f"0 ... {self.model.num_actions - 1}"
            )
        return chosen


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


def _fresh_batch(num_envs: int) -> Any:
    """Return a batch in which no episode has begun."""
    from rlkit.envs.kernels import Batch

    return Batch(
        keys=np.zeros(num_envs, dtype=np.uint64),
        counters=np.zeros(num_envs, dtype=np.uint64),
        states=np.zeros(num_envs, dtype=np.int64),
        elapsed=np.zeros(num_envs, dtype=np.int64),
        over=np.ones(num_envs, dtype=np.bool_),
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


def _is_whole(value: Any) -> bool:
    return isinstance(value, int | np.integer) or (
        isinstance(value, np.ndarray) and value.ndim == 0 and value.dtype.kind in "iu"
    )
