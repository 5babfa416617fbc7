"""Many environments in lockstep as the learning loops see them, whatever their autoreset mode."""

from collections import deque
from typing import Any, NamedTuple

import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv

from rlkit.agents.checking import (
    MASK,
    NUMBERS,
    OddAnswerError,
    complaint_about_masks,
    name_of,
)
from rlkit.agents.deep.experience.encoding import Encoding
from rlkit.agents.saving import part_of
from rlkit.agents.witness import Witness
from rlkit.arrays import Array, Bools, Floats, Ints

RECENT = 100
"""Episodes whose returns are remembered."""


class Moves(NamedTuple):
    """What one step of N environments brought.

    Attributes:
        rewards: `(N,)`.
        terminated: `(N,)`.
        truncated: `(N,)`, without those that terminated at the same time.
        final: `(N,)` bool: where an episode ended and the next has begun already.
        final_observations: Stored, one for each True of `final`: the last of the old episode.
        final_masks: Their legal actions, `(n, A)`, or None where no masks are told.
    """

    rewards: Floats
    terminated: Bools
    truncated: Bools
    final: Bools
    final_observations: Array
    final_masks: Array | None


class Lockstep:
    """N environments, with what the agent sees of them now.

    In the next-step mode the environment spends a step on the reset, with its action ignored. It
    is in `idle` then; that step is no data. Where all would idle together, the step is taken here
    and never shown, so that the three modes look alike.

    Args:
        env: The vector environment.
        encoding: Of its observations.

    Attributes:
        observations: Stored, `(N, *stored_shape)`.
        masks: `(N, A)` int8, or None where none are told.
        opens: `(N,)`, where the observation opens an episode.
        idle: `(N,)`, where the next step is a reset.
        episodes: How many have finished.
        returns: The last 100 finished episodes' returns.
        lengths: Their lengths.
        witness: Notices what others do with the environments.
        name: Of the environments, for messages.
    """

    def __init__(self, env: VectorEnv[Any, Any, Any], encoding: Encoding) -> None:
        self.env, self.encoding = env, encoding
        self.num_envs = env.num_envs
        actions: Any = env.single_action_space
        self.num_actions = int(actions.n)
        self.mode = env.metadata.get("autoreset_mode", AutoresetMode.NEXT_STEP)
        self.started = False
        self.witness = Witness(env)
        self.name = name_of(env)
        self._now = 0  # the absolute step, for messages
        self.observations: Array = np.empty(0)
        self.masks: Array | None = None
        self.opens = np.ones(self.num_envs, np.bool_)
        self.idle = np.zeros(self.num_envs, np.bool_)
        self.episodes = 0
        self.returns: deque[float] = deque(maxlen=RECENT)
        self.lengths: deque[int] = deque(maxlen=RECENT)
        self._so_far = np.zeros((2, self.num_envs))  # return and length of the present episodes
        self._none = np.zeros(self.num_envs, np.bool_)
        self._nothing = encoding.store(env.observation_space.sample())[:0]

    def begin(self, seed: int) -> None:
        """Begin new episodes everywhere."""
        observations, info = self.env.reset(seed=int(seed % 2**31))
        self._see(observations, info)
        self.opens, self.idle = ~self._none, self._none
        self._so_far[:] = 0.0
        self.started = True

    def step(self, actions: Ints, now: int) -> Moves:
        """Take one action in every environment.

        Args:
            actions: `(N,)`; what idles ignores its own.
            now: The absolute step, for messages.

        Raises:
            OddAnswerError: If an answer is not what the spaces say; the message names it.
        """
        self._now = now
        observations, rewards, terminated, truncated, info = self._answer(actions)
        over = terminated | truncated
        self._so_far[0] += rewards
        self._so_far[1] += ~self.idle
        final, last, last_masks = self._none, self._nothing, None
        opens, idle, untold = self.idle, self._none, None
        if over.any():
            self._count(over)
            if self.mode is AutoresetMode.SAME_STEP:
                final, opens, last = over, over, self._stored_objects(info["final_obs"], over)
                last_masks = self._final_masks(info, over)
            elif self.mode is AutoresetMode.DISABLED or over.all():
                final, opens = over, over
                self._see(observations, info)
                last = self.observations[over]
                last_masks = None if self.masks is None else self.masks[over]
                untold = self.masks if self.mode is AutoresetMode.DISABLED else None
                observations, info = self._next_episodes(over)
            else:
                idle = over
        self._see(observations, info, untold)
        if idle is not self._none:
            self._clear(idle & terminated)
        self.opens, self.idle = opens, idle
        return Moves(rewards, terminated, truncated & ~terminated, final, last, last_masks)

    def chosen(self, actions: Ints) -> Ints:
        """Return actions that were drawn under masks; what idles needs no legal one.

        Raises:
            ValueError: If one is -1: its mask left none.
        """
        if actions.min() >= 0:
            return actions
        stuck = (actions < 0) & ~self.idle
        if stuck.any():
            raise ValueError(
                f"in {self.name}, the action mask of environment {int(stuck.argmax())} forbids "
                f"every action at step {self._now}; at least one must be legal"
            )
        return np.maximum(actions, 0)

    def _answer(self, actions: Ints) -> tuple[Any, Floats, Bools, Bools, dict[str, Any]]:
        """Return what the vector answers."""
        try:
            observations, rewards, terminated, truncated, info = self.env.step(actions)
        except (TypeError, ValueError) as error:
            if type(error) not in (TypeError, ValueError):
                raise
            # Vectors put what their environments give into arrays, and say no more than NumPy does.
            raise type(error)(
                f"an environment of {self.name} failed at step {self._now}: {error}"
            ) from error
        rewards, shape = np.asarray(rewards), (self.num_envs,)
        if rewards.shape != shape or rewards.dtype.kind not in NUMBERS:
            raise OddAnswerError(
                f"{self.name} gave rewards of shape {rewards.shape} and dtype {rewards.dtype} at "
                f"step {self._now}; they are numbers of shape {shape}"
            )
        if self.idle is not self._none:  # a reset is not paid
            rewards = np.where(self.idle, 0.0, rewards)
        return observations, rewards, terminated, truncated, info

    def _clear(self, rows: Bools) -> None:
        """Forget what is shown after a termination, be it no number: nothing depends on it."""
        if rows.any():
            self.observations = self.observations.copy()
            self.observations[rows] = 0

    def can_be_copied(self) -> bool:
        """Return whether `restore` can go on where the environments are now."""
        return not self.started or self._environments() is not None

    def _environments(self) -> dict[str, Array] | None:
        """Return the state of the environments; None if it cannot be told or is not ours."""
        from rlkit.agents import snapshots

        return None if self.witness.disturbed() else snapshots.take(self.env)

    def snapshot(self) -> dict[str, Array]:
        """Return all that the future depends on, of the environments themselves if it is known."""
        tallies = {
            "episodes": np.array(self.episodes),
            "returns": np.array(self.returns),
            "lengths": np.array(self.lengths, np.int64),
        }
        if not self.started:
            return tallies
        state = self._environments() or {}
        masks = {} if self.masks is None else {"masks": self.masks}
        present = {
            **{f"env.{name}": array for name, array in state.items()},
            **masks,
            "observations": self.observations,
            "opens": self.opens,
            "idle": self.idle,
            "so_far": self._so_far,
        }
        return {**{name: array.copy() for name, array in present.items()}, **tallies}

    def restore(self, state: dict[str, Array], seed: int) -> bool:
        """Go on exactly where `snapshot` was called.

        Returns:
            Whether the episodes go on. If the environments could not be copied, all that is known
            is what the agent saw last, and new episodes must begin.

        Raises:
            ValueError: If it is of another environment.
        """
        environments = part_of(state, "env.")
        if environments:
            from rlkit.agents import snapshots

            self.begin(seed)  # some environments must be reset once before they go on
            snapshots.restore(self.env, environments)
        self.take_over(state)
        return bool(environments) or not self.started

    def take_over(self, state: dict[str, Array]) -> None:
        """Take over what the agent knows of environments that stand where `snapshot` was called.

        Raises:
            ValueError: If it is of another environment.
        """
        if "episodes" in state:  # earlier versions kept them only in the midst of episodes
            self.episodes = int(state["episodes"].item())
            self.returns = deque(state["returns"].tolist(), RECENT)
            self.lengths = deque(state["lengths"].tolist(), RECENT)
        self.started = "observations" in state
        if not self.started:
            return
        if state["observations"].shape[0] != self.num_envs:
            raise ValueError(
                f"the checkpoint has {state['observations'].shape[0]} environments side by side, "
                f"this agent {self.num_envs}"
            )
        self.observations = state["observations"].astype(self.encoding.stored_type)
        self.masks = state.get("masks")
        self.opens, self.idle = state["opens"].astype(np.bool_), state["idle"].astype(np.bool_)
        self._so_far = state["so_far"].astype(np.float64)
        self.witness.note()

    def _see(self, observations: Any, info: dict[str, Any], untold: Array | None = None) -> None:
        """Take over what the agent sees; masks that are not told are `untold`, or all ones."""
        self.observations = self.encoding.store(observations)
        if len(self.observations) != self.num_envs:
            raise OddAnswerError(
                f"{self.name} gave observations at step {self._now} that are none of "
                f"{self.env.single_observation_space}, {self.num_envs} at once"
            )
        mask = info.get(MASK)
        if mask is None and isinstance(observations, dict):
            mask = observations.get(MASK)
        if mask is None and self.masks is None:
            return
        shape = (self.num_envs, self.num_actions)
        otherwise = np.ones(shape, np.int8) if untold is None else untold
        told = info.get(f"_{MASK}")
        self.masks = otherwise if mask is None else self._checked(mask, told, otherwise)

    def _checked(self, mask: Any, told: Any, otherwise: Array) -> Array:
        if isinstance(mask, np.ndarray) and mask.dtype == object:  # some are told, and some not
            told = np.array([one is not None for one in mask])
            mask = [o if m is None else m for m, o in zip(mask, otherwise, strict=True)]
        wrong = complaint_about_masks(mask, otherwise.shape)
        if wrong is not None:
            raise OddAnswerError(f"in {self.name}, at step {self._now}: {wrong}")
        masks = np.asarray(mask)
        if masks.dtype != np.int8:
            masks = (masks != 0).astype(np.int8)
        masks = np.ascontiguousarray(masks)
        if told is not None and not np.all(told):
            masks = np.where(np.asarray(told)[:, None], masks, otherwise)
        return masks

    def _next_episodes(self, over: Bools) -> tuple[Any, dict[str, Any]]:
        """Begin the next episodes where they are over."""
        if self.mode is AutoresetMode.DISABLED:
            return self.env.reset(options={"reset_mask": over.copy()})
        ignored = np.zeros(self.num_envs, np.int64)
        after, _, _, _, info = self.env.step(ignored)
        return after, info

    def _stored_objects(self, observations: Any, chosen: Bools) -> Array:
        """Store the chosen of an object array of observations, or of a dictionary of arrays."""
        if isinstance(observations, dict):
            return self.encoding.store(observations)[chosen]
        rows = [self.encoding.store_one(observations[i]) for i in np.flatnonzero(chosen)]
        return rows[0] if len(rows) == 1 else np.concatenate(rows)

    def _final_masks(self, info: dict[str, Any], over: Bools) -> Array | None:
        """Return the masks of final observations; all ones where they are not told."""
        if self.masks is None:
            return None
        told = info.get("final_info", {})
        ones = np.ones((self.num_envs, self.num_actions), np.int8)
        mask = told.get(MASK)
        return (ones if mask is None else self._checked(mask, told.get(f"_{MASK}"), ones))[over]

    def _count(self, over: Bools) -> None:
        for i in np.flatnonzero(over):
            self.returns.append(float(self._so_far[0, i]))
            self.lengths.append(int(self._so_far[1, i]))
        self.episodes += int(over.sum())
        self._so_far[:, over] = 0.0
