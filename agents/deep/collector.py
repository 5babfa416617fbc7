"""The collector plays N environments for T steps and fills a rollout."""

from typing import Any

import numpy as np
import torch

from rlkit.agents.checking import check_finite
from rlkit.agents.deep.arithmetic.scoring import Scorer
from rlkit.agents.deep.experience.encoding import Encoding
from rlkit.agents.deep.experience.lockstep import Lockstep, Moves
from rlkit.agents.deep.experience.rollout import Rollout
from rlkit.agents.deep.policy_networks import ActorCriticNetwork
from rlkit.arrays import Array, Bools, Ints
from rlkit.nets.core import State


class Collector:
    """Plays rollouts with the present weights.

    Args:
        world: The environments.
        network: Policy and values.
        scorer: Scores actions with the same weights; used where there is no memory.
        value_scorer: Values observations likewise.
        steps: T.
        stride: Of the states that are kept, for networks with memory.
        device: Where the network is.
    """

    def __init__(
        self,
        world: Lockstep,
        network: ActorCriticNetwork,
        scorer: Scorer,
        value_scorer: Scorer,
        steps: int,
        stride: int,
        device: torch.device,
    ) -> None:
        from rlkit.agents.deep.arithmetic.kernels import draw_actions

        self._draw = draw_actions
        self.world, self.network = world, network
        self.scorer, self.value_scorer = scorer, value_scorer
        self.encoding: Encoding = world.encoding
        self.steps, self.stride, self.device = steps, stride, device
        self.has_memory = bool(network.initial_state(1))
        self.state: State = network.initial_state(world.num_envs)
        self._no_masks = np.ones((0, world.num_actions), np.int8)
        self._finals: list[tuple[Ints, Array]] = []

    def collect(self, key: np.uint64, first_step: int) -> Rollout:
        """Play T steps.

        Args:
            key: Of the stream of choices.
            first_step: The absolute step; it numbers the draws.

        Raises:
            NotFiniteError: If an observation or a reward is not finite.
            ValueError: If a mask forbids every action.
        """
        rollout = self._empty(self.steps)
        for t in range(self.steps):
            self._play(rollout, t, key, first_step)
        return self._closed(rollout, first_step)

    def collect_episodes(self, key: np.uint64, first_step: int) -> Rollout:
        """Play from new episodes on until the first of each environment has ended.

        What follows a first episode is not valid, nor is anything after `steps`, where episodes
        that go on are truncated. See `collect`.
        """
        rollout = self._empty(self.steps)
        playing = np.ones(self.world.num_envs, np.bool_)
        for t in range(self.steps):
            self._play(rollout, t, key, first_step)
            rollout.valid[t] = playing
            playing &= ~(rollout.terminated[t] | rollout.truncated[t])
            if not playing.any():
                break
        rollout = rollout.first(t + 1)
        rollout.truncated[-1] |= playing
        return self._closed(rollout, first_step)

    def _play(self, rollout: Rollout, t: int, key: np.uint64, first_step: int) -> None:
        """Take step t in all environments."""
        self._see(rollout, t)
        act = self._act_with_memory if self.has_memory else self._act
        step = first_step + t * self.world.num_envs
        actions = act(rollout, t, key, np.uint64(step))
        moves = self.world.step(actions, step + self.world.num_envs)
        rollout.actions[t] = actions
        rollout.rewards[t] = moves.rewards
        rollout.terminated[t], rollout.truncated[t] = moves.terminated, moves.truncated
        if len(moves.final_observations):
            self._note_finals(t, moves, step + self.world.num_envs)

    def _closed(self, rollout: Rollout, first_step: int) -> Rollout:
        """Check a rollout and value what it holds."""
        after = first_step + rollout.actions.size
        check_finite(self.world.name, "an observation", rollout.observations, first_step)
        check_finite(self.world.name, "a reward", rollout.rewards, first_step)
        check_finite(self.world.name, "an observation", self.world.observations[None], after)
        if self.has_memory:
            self._close_with_memory(rollout)
        else:
            self._close(rollout)
        self._finals = []
        return rollout

    def _empty(self, steps: int) -> Rollout:
        shape = (steps, self.world.num_envs)
        masks = self.world.masks
        return Rollout(
            np.empty((*shape, *self.encoding.stored_shape), self.encoding.stored_type),
            None if masks is None else np.empty((*shape, masks.shape[1]), np.int8),
            np.empty(shape, np.int64),
            np.empty(shape, np.float32),
            np.empty(shape, np.bool_),
            np.empty(shape, np.bool_),
            np.empty(shape, np.bool_),
            np.empty(shape, np.bool_),
            np.empty(shape, np.float32),
            np.empty(shape, np.float32),
            np.empty(shape, np.float32),
            [],
            self.network.forgets,
        )

    def _see(self, rollout: Rollout, t: int) -> None:
        world = self.world
        rollout.observations[t] = world.observations
        rollout.opens[t] = world.opens
        rollout.valid[t] = ~world.idle
        if rollout.masks is not None and world.masks is not None:
            rollout.masks[t] = world.masks

    def _act(self, rollout: Rollout, t: int, key: np.uint64, counter: np.uint64) -> Ints:
        x = self.encoding.encode(rollout.observations[t])
        scores, _ = self.scorer(x, (), rollout.opens[t])
        return self._drawn(rollout, t, scores, (key, counter))

    def _act_with_memory(
        self, rollout: Rollout, t: int, key: np.uint64, counter: np.uint64
    ) -> Ints:
        if t % self.stride == 0:
            rollout.states.append(self.state)
        logits, values, self.state = self._step(rollout.observations[t], rollout.opens[t])
        rollout.values[t] = values.numpy()
        return self._drawn(rollout, t, logits.numpy(), (key, counter))

    def _drawn(
        self, rollout: Rollout, t: int, scores: Array, place: tuple[np.uint64, np.uint64]
    ) -> Ints:
        """Draw the actions of step t, at a place in the stream of choices."""
        masks = self.world.masks
        legal = self._no_masks if masks is None else masks
        actions, rollout.log_probs[t] = self._draw(scores, legal, *place)
        return actions if masks is None else self.world.chosen(actions)

    def _note_finals(self, t: int, moves: Moves, step: int) -> None:
        """Keep the last observations of episodes that were truncated: their values count."""
        truncated = moves.truncated[moves.final]
        if not truncated.any():
            return
        rows = np.flatnonzero(moves.final)[truncated]
        kept = moves.final_observations[truncated]
        last = self.world.observations.copy()
        last[rows] = kept
        check_finite(self.world.name, "an observation", last[None], step)
        if self.has_memory:
            state = tuple(part[rows] for part in self.state)
            _, kept, _ = self._step(kept, np.zeros(len(rows), np.bool_), state)
            kept = kept.numpy()
        self._finals.append((t * self.world.num_envs + rows, kept))

    def _close(self, rollout: Rollout) -> None:
        """Value all observations in one pass."""
        shape = rollout.actions.shape
        seen = rollout.observations.reshape(-1, *self.encoding.stored_shape)
        extra = [self.world.observations, *(kept for _, kept in self._finals)]
        x = self.encoding.encode(np.concatenate([seen, *extra]))
        known = self.value_scorer(x, (), np.zeros(len(x), np.bool_))[0][:, 0]
        rollout.values[:] = known[: len(seen)].reshape(shape)
        after = len(seen) + shape[1]
        self._set_next_values(rollout, known[len(seen) : after], known[after:])

    def _close_with_memory(self, rollout: Rollout) -> None:
        _, last, _ = self._step(self.world.observations, self.world.opens)
        finals = [kept for _, kept in self._finals]
        self._set_next_values(
            rollout, last.numpy(), np.concatenate(finals) if finals else np.empty(0)
        )

    def _set_next_values(self, rollout: Rollout, last: Array, finals: Array) -> None:
        rollout.next_values[:-1] = rollout.values[1:]
        rollout.next_values[-1] = last
        if self._finals:
            rollout.next_values.flat[np.concatenate([rows for rows, _ in self._finals])] = finals

    def _step(self, stored: Array, opens: Bools, state: State | None = None) -> Any:
        """Return logits `(N, A)` and values `(N,)` on the CPU, and the next state."""
        x = self._tensor(self.encoding.encode(stored))
        before = self.state if state is None else state
        with torch.no_grad():
            logits, values, after = self.network(x[None], before, self._tensor(opens)[None])
        return logits[0].cpu(), values[0].cpu(), after

    def _tensor(self, array: Array) -> torch.Tensor:
        return torch.from_numpy(array).to(self.device)
