"""DQN: Q-learning with a network, a replay memory and a target network. NNDL Alg. 14.5.

Q_phi at random, phi' = phi
repeat
    a = argmax_a Q_phi(s, a), with probability epsilon any action; act, remember (s, a, r, s')
    draw a batch (s, a, r, s') of the memory
    y = r if s' is terminal, else r + discount max_a' Q_phi'(s', a')
    descend on (y - Q_phi(s, a))^2
    every C steps phi' = phi

Mnih et al. 2015, with what came after: double targets (van Hasselt et al. 2016), a dueling head
(Wang et al. 2016), n-step targets, prioritised replay (Schaul et al. 2016), and for cores with
memory sequences with stored state and burn-in (Kapturowski et al. 2019).
"""

from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import torch
from torch import nn

from rlkit.agents.checking import check_finite
from rlkit.agents.deep.arithmetic.choice import make_scorer
from rlkit.agents.deep.arithmetic.flat import flatten
from rlkit.agents.deep.config import DeepConfig, check_counts, check_flags, check_range
from rlkit.agents.deep.experience.lockstep import Lockstep, Moves
from rlkit.agents.deep.experience.replay import Replay, Steps
from rlkit.agents.deep.experience.sampling import Sampler, Uniform, least_slots
from rlkit.agents.deep.learner import DeepLearner
from rlkit.agents.deep.networks import DuelingHead, QNetwork, state_arrays, state_from
from rlkit.agents.deep.q_gradients import Networks, StepGradient
from rlkit.agents.saving import part_of
from rlkit.arrays import Array, Ints
from rlkit.checks import finite, whole
from rlkit.nets.core import State
from rlkit.randomness import derive
from rlkit.schedules.basic import Linear
from rlkit.schedules.schedule import Schedule

if TYPE_CHECKING:
    from rlkit.agents.deep.q_sequences import SequenceGradient, StateMemory


@dataclass(frozen=True)
class DQNConfig(DeepConfig):
    """Hyper-parameters of DQN."""

    core_defaults: ClassVar[dict[str, dict[str, Any]]] = {
        "mlp": {"hidden": (256, 256), "activation": "relu"}  # narrow ones forget in CartPole
    }
    learning_rate: Schedule = Linear(2.3e-3, 2e-4, 100_000)  # noqa: RUF009 - immutable
    """Step size of the optimizer, a schedule of the absolute step. It falls, or the last policy
    would be as good as chance has it; over steps of its own, so that many short calls of `learn`
    make the agent of a long one."""
    max_gradient_norm: float | None = 10.0
    """Longer gradients are shortened to this; None leaves them."""
    epsilon: Schedule = Linear(1.0, 0.04, 8_000)  # noqa: RUF009 - immutable
    """Probability of exploring, a schedule of the absolute step."""
    capacity: int = 100_000
    """Steps that the memory holds, of all environments together."""
    learning_starts: int = 1_000
    """Steps before the first update."""
    train_every: int = 256
    """Steps of each environment between updates."""
    gradient_steps: int = 128
    """Batches that are learned from in an update."""
    batch_size: int = 64
    """Steps a batch; with memory, sequences."""
    target_every: int = 256
    """Steps after which the target network is renewed."""
    error_clip: float | None = None
    """Larger errors count linearly and not squared, as in Mnih et al. with 1; None squares all.
    Where targets are noisy, a clip draws values from their mean to their median."""
    double: bool = True
    """Whether the learning network chooses the next action that the target network values."""
    dueling: bool = False
    """Whether the head values state and advantages apart."""
    n_steps: int = 1
    """Rewards that a target adds up before it trusts a value."""
    prioritised: bool = False
    """Whether steps are drawn by how wrong their values were."""
    priority_exponent: float = 0.6
    """How much that counts, in [0, 1]."""
    correction: Schedule = Linear(0.4, 1.0, 100_000)  # noqa: RUF009 - immutable
    """Exponent of the importance weights that correct for it, a schedule of the step."""
    sequence_length: int = 16
    """Steps of a sequence that are learned from, for cores with memory."""
    burn_in: int = 8
    """Steps before them that are only read."""

    def __post_init__(self) -> None:
        super().__post_init__()
        check_counts(
            self,
            "capacity",
            "learning_starts",
            "train_every",
            "gradient_steps",
            "batch_size",
            "target_every",
            "n_steps",
            "sequence_length",
        )
        check_range(self, "priority_exponent", 0.0, 1.0)
        whole("burn_in", self.burn_in)
        check_flags(self, "double", "dueling", "prioritised")
        if self.error_clip is not None and not finite("error_clip", self.error_clip) > 0:
            raise ValueError(f"error_clip must be positive or None, got {self.error_clip!r}")


class DQN(DeepLearner):
    """Learns the value of every action from a memory of what happened.

    See `DeepLearner` for the arguments and `DQNConfig` for the hyper-parameters.
    """

    config_class = DQNConfig
    config: DQNConfig
    explores = False

    def __init__(self, env: Any, *, seed: int | None = 0, **settings: Any) -> None:
        super().__init__(env, seed=seed, **settings)
        from rlkit.agents.deep.arithmetic.kernels import choose_greedily

        self._choose = choose_greedily
        self._target = deepcopy(self.network).requires_grad_(False)  # in evaluation mode
        self._target_parameters = flatten(self._target)
        self._counted = {name for name, _ in self._target.named_buffers()}
        self._renewed = 0
        count = self.world.num_envs
        self._state: State = self.network.initial_state(count)
        self._scorer = make_scorer(self.network, self.device, count)
        self._all = np.arange(count)
        self._no_masks = np.ones((0, self.num_actions), np.int8)
        self._check_capacity()
        self._memory: _Memory | None = None
        self._errors: Array | None = None

    def _check_capacity(self) -> None:
        """Raise a ValueError if the memory could not be drawn from, however full."""
        config, count = self.config, self.world.num_envs
        unit, following = self._unit_and_following()
        least = least_slots(following, unit) * count
        if config.capacity < least:
            names = ("burn_in", "sequence_length") if self._state else ("n_steps",)
            told = " and ".join(f"{name}={getattr(config, name)}" for name in names)
            raise ValueError(
                f"a memory of {config.capacity} slots is too small for {told} in {count} "
                f"environments side by side: it could not give a batch. Let capacity be at least "
                f"{least}, or lower {' or '.join(names)}"
            )

    def _unit_and_following(self) -> tuple[int, int]:
        """Return the slots of what is drawn at once, and how many must follow its first."""
        config = self.config
        if self._state:
            return config.sequence_length, config.burn_in + config.sequence_length
        return 1, config.n_steps

    def _make_network(self) -> QNetwork:
        core = self.new_core("core")
        kind = DuelingHead if self.config.dueling else nn.Linear
        head = kind(core.output_size, self.num_actions)
        return QNetwork(core, head, derive(self.seed, "heads") % 2**63)

    def _learn_once(self) -> None:
        memory = self._remembering(self._started_world())
        for _ in range(self.config.train_every):
            self._play(memory)
        if self.num_timesteps - self._renewed >= self.config.target_every:
            self._renew_target()
        if self.num_timesteps >= self.config.learning_starts and len(memory.sampler):
            self._learn_from(memory)

    def _renew_target(self) -> None:
        """Copy the network, with what it has counted beside its weights, such as running means."""
        self._target_parameters.data.copy_(self.parameters.data)
        for own, counted in zip(self._target.buffers(), self.network.buffers(), strict=True):
            own.copy_(counted)
        self._renewed = self.num_timesteps

    def _play(self, memory: "_Memory") -> None:
        """Take a step in every environment and remember it."""
        world, step = self.world, self.num_timesteps
        check_finite(world.name, "an observation", world.observations[None], step)
        masks = None if world.masks is None else world.masks.copy()
        seen = world.observations.copy(), masks, world.opens  # environments may reuse their arrays
        rows = np.flatnonzero(~world.idle) if world.idle.any() else self._all
        before = self._state
        actions = self._act()
        moves = world.step(actions, step + world.num_envs)
        check_finite(world.name, "a reward", np.asarray(moves.rewards)[None], step)
        if memory.states is not None:
            memory.states.note(rows, before)
        flags = moves.terminated, moves.truncated
        memory.replay.add(Steps(*seen, actions, moves.rewards, *flags), rows)
        if moves.truncated.any():
            self._truncate(memory, moves)
        self.num_timesteps += world.num_envs

    def _act(self) -> Ints:
        """Return the best legal action of every environment, or with some probability any."""
        world, counter = self.world, self.num_timesteps
        x = self.encoding.encode(world.observations)
        scores, self._state = self._scorer(x, self._state, world.opens)
        masks = self._no_masks if world.masks is None else world.masks
        epsilon = self._scheduled(self.config.epsilon)
        actions: Ints = self._choose(scores, masks, epsilon, self._key, np.uint64(counter))
        return actions if world.masks is None else world.chosen(actions)

    def _truncate(self, memory: "_Memory", moves: Moves) -> None:
        """Remember the final observations of truncated episodes."""
        world = self.world
        observations = world.observations.copy()
        masks = None if world.masks is None else world.masks.copy()
        if len(moves.final_observations):
            observations[moves.final] = moves.final_observations
            if masks is not None and moves.final_masks is not None:
                masks[moves.final] = moves.final_masks
        rows = np.flatnonzero(moves.truncated)
        check_finite(world.name, "an observation", observations[rows][None], self.num_timesteps)
        if memory.states is not None:
            memory.states.note(rows, self._state)
        memory.replay.truncate(rows, observations[rows], None if masks is None else masks[rows])

    def _learn_from(self, memory: "_Memory") -> None:
        """Take the gradient steps of an update."""
        config, exponent = self.config, self._scheduled(self.config.correction)
        for sample in memory.sampler.samples(config.batch_size, config.gradient_steps, exponent):
            self._errors = memory.gradient(sample)
            self._descent(self.num_timesteps)
            memory.sampler.update(sample.slots, self._errors)

    def _remembering(self, world: Lockstep) -> "_Memory":
        """Return the memory; it is made once it is known whether masks are told."""
        if self._memory is None:
            self._memory = self._make_memory(masked=world.masks is not None)
        return self._memory

    def _make_memory(self, masked: bool) -> "_Memory":
        config, count = self.config, self.world.num_envs
        unit, following = self._unit_and_following()
        actions = self.num_actions if masked else None
        replay = Replay(config.capacity, count, self.encoding, actions, unit)
        networks = Networks(
            self.network, self._target, self.device, config.double, config.error_clip
        )
        common = self.encoding, self.discount, config.n_steps
        sampler = self._make_sampler(replay, following)
        if self._state:
            from rlkit.agents.deep.q_sequences import SequenceGradient, StateMemory

            states = StateMemory(replay, self.network.initial_state(1))
            return _Memory(
                replay,
                sampler,
                SequenceGradient(
                    networks, replay, states, *common, config.burn_in, config.sequence_length
                ),
                states,
            )
        gradient = StepGradient(networks, replay, *common, config.batch_size)
        return _Memory(replay, sampler, gradient, None)

    def _make_sampler(self, replay: Replay, following: int) -> Sampler:
        key = derive(self.seed, "replay")
        if self.config.prioritised:
            from rlkit.agents.deep.experience.prioritised import Prioritised

            return Prioritised(replay, following, key, self.config.priority_exponent)
        return Uniform(replay, following, key)

    def _report(self) -> dict[str, float]:
        """Tell how far off the values of the last batch were, and how much it explores."""
        epsilon = self._scheduled(self.config.epsilon)
        if self._errors is None:
            return {"epsilon": epsilon}
        return {"td_error": float(np.abs(self._errors).mean()), "epsilon": epsilon}

    def _more_state(self) -> dict[str, Array]:
        state = {
            "target": self._target_parameters.detach().cpu().numpy().copy(),
            "renewed": np.array(self._renewed),
            **state_arrays(self._state),
            **{
                f"target.{name}": part.cpu().numpy().copy()
                for name, part in self._target.state_dict().items()
                if name in self._counted
            },
        }
        return state if self._memory is None else {**state, **self._memory.state_dict()}

    def _restore_more(self, state: dict[str, Array]) -> None:
        self._target_parameters.data.copy_(torch.from_numpy(state["target"].copy()))
        own, saved = self._target.state_dict(), part_of(state, "target.")
        for name in self._counted & own.keys():  # states of earlier versions have the network's
            part = saved.get(name, state[f"network.{name}"])
            own[name].copy_(torch.from_numpy(part.copy()))
        self._renewed = int(state["renewed"].item())
        self._state = state_from(state, self._state)
        self._memory = None
        if "replay.written" in state:
            self._memory = self._make_memory(masked="replay.masks" in state)
            self._memory.load_state_dict(state)

    def _forget_episodes(self) -> None:
        """Truncate the episodes that will not go on where they are now."""
        if self._memory is not None:
            world, rows = self.world, self._memory.replay.unfinished()
            masks = None if world.masks is None else world.masks[rows]
            self._memory.replay.truncate(rows, world.observations[rows], masks)

    def _retract_steps(self) -> None:
        if self._memory is not None:
            self._memory.replay.retract()


@dataclass(frozen=True)
class _Memory:
    """What is remembered, how it is drawn, and what a sample of it says."""

    replay: Replay
    sampler: Sampler
    gradient: "StepGradient | SequenceGradient"
    states: "StateMemory | None"

    def state_dict(self) -> dict[str, Array]:
        """Return all of it."""
        parts = [] if self.states is None else self.states.parts
        return {
            **{f"replay.{name}": array for name, array in self.replay.state_dict().items()},
            **{f"sampler.{name}": array for name, array in self.sampler.state_dict().items()},
            **{f"states.{i}": part.copy() for i, part in enumerate(parts)},
        }

    def load_state_dict(self, state: dict[str, Array]) -> None:
        """Go on exactly where `state_dict` was called."""
        self.replay.load_state_dict(part_of(state, "replay."))
        self.sampler.load_state_dict(part_of(state, "sampler."))
        if self.states is not None:
            for i, part in enumerate(self.states.parts):
                part[:] = state[f"states.{i}"]
