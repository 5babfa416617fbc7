"""Any finite MDP as thousands of Gymnasium environments in one compiled step."""

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from gymnasium import spaces
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space

from rlkit.arrays import Array, Bools, Floats, Ints, Masks
from rlkit.checks import whole
from rlkit.copying import Copyable
from rlkit.envs.arguments import (
    RESET_MASK,
    STATE,
    checked_options,
    checked_seeds,
    chosen_by,
    first_states,
    step_limit,
)
from rlkit.envs.tabular import Problem, Tabular
from rlkit.randomness import derive, derive_many

CODES = {AutoresetMode.DISABLED: 0, AutoresetMode.NEXT_STEP: 1, AutoresetMode.SAME_STEP: 2}
"""The kernels know the modes as numbers: `DISABLED`, `NEXT_STEP`, `SAME_STEP` in `kernels.py`."""
SAVED = {
    "state": "states",
    "elapsed": "elapsed",
    "over": "over",
    "key": "keys",
    "counter": "counters",
}
"""Names in a saved state, and the fields of a batch that they are."""


class MDPVectorEnv(Copyable, VectorEnv[Any, Any, Any]):
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
    remade: ClassVar[tuple[str, ...]] = ("_kernels", "_drawer", "_first", "_everyone", "_all_ones")

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
        num_envs = whole("num_envs", num_envs, 1)
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
        self._limit = step_limit(max_episode_steps)
        self._batch = _fresh_batch(num_envs)
        self._started = False
        self._remake()

    def _remake(self) -> None:
        super()._remake()
        from rlkit.envs import kernels

        self._kernels = kernels
        self._drawer = kernels.Drawer.of(self.tabular.outcomes.sampler)
        self._first = kernels.Drawer.of(self.tabular.first.sampler)
        self._everyone = np.ones(self.num_envs, dtype=np.bool_)
        self._everyone.flags.writeable = False
        self._all_ones = np.ones((self.num_envs, self.model.num_actions), dtype=np.int8)
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
            options: `{"reset_mask": (N,) bool}` chooses the environments to reset; `{"state":
                index}` begins in that state instead, or each in its own of `(N,)`.

        Raises:
            ValueError: If the seeds, the mask, the states or the name of an option are none;
                nothing moved.
        """
        given = checked_options(options, RESET_MASK, STATE)
        chosen = chosen_by(given, self.num_envs, first=not self._started)
        states = first_states(given, self.num_envs, self.model.terminal)
        self._seed(checked_seeds(seed, self.num_envs), chosen)
        self._kernels.begin(self._batch, chosen, self._first)
        if states is not None:
            self._batch.states[chosen] = states[chosen]
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
        return {name: getattr(self._batch, field).copy() for name, field in SAVED.items()}

    def set_state(self, state: dict[str, Array]) -> None:
        """Go on exactly where `get_state` was called."""
        for name, field in SAVED.items():
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

    def _seed(self, seed: int | list[int | None] | None, chosen: Bools) -> None:
        super().reset(seed=seed if isinstance(seed, int) else None)
        keys, counters = self._batch.keys, self._batch.counters
        if not self._started:
            fresh = self.np_random.integers(2**63) if seed is None else 0
            keys[:] = derive_many(int(fresh), self.num_envs)
            self._started = True
        if seed is None:
            return
        if isinstance(seed, int):
            keys[chosen] = derive_many(seed, self.num_envs)[chosen]
            counters[chosen] = 0
            return
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
