"""What all deep learners share: environments, a flat network, acting, saving, learning."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from typing import Any, ClassVar, Self

import numpy as np
import torch
from torch import nn

from rlkit.agents.configuring import make_config
from rlkit.agents.deep.arithmetic.choice import make_descent
from rlkit.agents.deep.arithmetic.descent import TorchDescent
from rlkit.agents.deep.arithmetic.flat import choose_device, flatten, threads
from rlkit.agents.deep.arithmetic.modes import borrowed, mode, noise_of
from rlkit.agents.deep.config import DeepConfig
from rlkit.agents.deep.experience.encoding import encoding_of
from rlkit.agents.deep.experience.lockstep import Lockstep
from rlkit.agents.deep.experience.vectors import make_vector
from rlkit.agents.deep.policy import NetworkPolicy
from rlkit.agents.learning import Callback, Plan, Progress
from rlkit.agents.saving import Saved, part_of
from rlkit.arrays import Array
from rlkit.checks import seed_of, whole
from rlkit.discounts import discount_of
from rlkit.nets.core import Core
from rlkit.nets.optimizers.factory import make as make_optimizer
from rlkit.nets.registry import make_core
from rlkit.randomness import derive
from rlkit.schedules.schedule import Schedule
from rlkit.schedules.values import value_at

REPORTS = 200
"""How often in one `learn` the progress bar and the callback are called, at most."""
ADAM_EPSILON = 1e-5
"""Larger than PyTorch's, which takes long steps where gradients have nearly vanished."""


class DeepLearner(Saved):
    """The base of the deep learners. A subclass says what network it has and how it learns.

    It defines `config_class`, `_make_network()`, `_learn_once()` and, if it remembers
    more than its network and optimizer, `_more_state()` and `_restore_more()`.

    Args:
        env: An id, a single environment or a vector environment, with Discrete actions.
        seed: Of weights, environments and choices; None draws one.
        settings: Hyper-parameters, see the agent's configuration.

    Raises:
        TypeError: If a space does not fit, or a hyper-parameter is unknown.
        ValueError: If a hyper-parameter leaves its range, or the device is not there.

    Attributes:
        config: Its hyper-parameters.
        env: The environment it was given, or the vector it made.
        seed: As given.
        num_timesteps: Steps of all environments together so far.
        discount: Of the returns.
        world: The environments it learns in.
        encoding: Of their observations.
        network: The torch module; but in `learn`, where it acts and learns, in evaluation mode.
        parameters: All its parameters, one flat tensor.
        optimizer: Works on `parameters`.
    """

    config_class: ClassVar[type[DeepConfig]] = DeepConfig
    explores: ClassVar[bool] = True
    """Whether `predict` draws actions where it is not asked to be deterministic."""

    def __init__(self, env: Any, *, seed: int | None = 0, **settings: Any) -> None:
        config = make_config(self.config_class, settings)
        vector = make_vector(env, config.num_envs)
        self.config = replace(config, num_envs=vector.num_envs)
        self.env, self._given = (vector if isinstance(env, str) else env), env
        self.seed = seed_of(seed)
        self.num_timesteps = 0
        self._plan = Plan()
        self.encoding = encoding_of(vector.single_observation_space)
        self.world = Lockstep(vector, self.encoding)
        self.num_actions = self.world.num_actions
        self.discount = discount_of(vector, self.config.discount)
        with threads(self.config.threads):  # an orthogonal start is a factorisation
            network: Any = self._make_network()
        network.compiled = self.config.compiled
        self.device = choose_device(self.config.device, network)
        self.network = network.to(self.device).eval()
        self.parameters = flatten(self.network)
        self.optimizer = self._make_optimizer()
        descend = make_descent if self.config.compiled else TorchDescent
        self._descent = descend(self.optimizer, self.parameters, self.config.max_gradient_norm)
        self._key = np.uint64(derive(self.seed, "actions"))
        self._predictions = 0
        self._policy: NetworkPolicy | None = None

    def _make_network(self) -> nn.Module:
        """Return a new network, a `ScoringNetwork`."""
        raise NotImplementedError

    def _learn_once(self) -> None:
        """Collect experience, learn from it, and add the steps to `num_timesteps`."""
        raise NotImplementedError

    def _report(self) -> dict[str, float]:
        """Return what the last update was like, numbers by name."""
        return {}

    def _more_state(self) -> dict[str, Array]:
        """Return what the agent remembers beside network, optimizer and environments."""
        return {}

    def _restore_more(self, state: dict[str, Array]) -> None:
        """Take over what `_more_state` returned."""

    def _forget_episodes(self) -> None:
        """Drop what is remembered of episodes that will not go on."""

    def _retract_steps(self) -> None:
        """Drop the last steps that are remembered: nobody knows for sure what they led to."""

    def _make_optimizer(self) -> torch.optim.Optimizer:
        name, rate = self.config.optimizer, self._scheduled(self.config.learning_rate)
        settings = {"eps": ADAM_EPSILON} if name == "adam" else {}
        return make_optimizer(name, [self.parameters], lr=rate, **settings)

    def new_core(self, *path: int | str) -> Core:
        """Return a new core of the configured kind; the path names its seed."""
        shape, seed = self.encoding.input_shape, derive(self.seed, *path) % 2**63
        settings = self.config.core_defaults.get(str(self.config.core), {})
        return make_core(
            self.config.core, shape, seed=seed, **{**settings, **self.config.core_settings}
        )

    def _scheduled(self, schedule: Schedule) -> float:
        """Return the present value of a schedule of steps."""
        parameters = self._plan.parameters(schedule, self.config.horizon)
        return value_at(parameters, self.num_timesteps, 1)

    def _started_world(self) -> Lockstep:
        """Return the environments, with episodes begun."""
        if not self.world.started:
            self.world.begin(derive(self.seed, "episodes", self.num_timesteps))
        return self.world

    @property
    def metrics(self) -> dict[str, float]:
        """How learning goes: recent episodes while exploring, and the last update."""
        if not self.world.returns:
            return self._report()
        recent = {
            "online_return": float(np.mean(self.world.returns)),
            "online_length": float(np.mean(self.world.lengths)),
        }
        return {**recent, **self._report()}

    @property
    def policy(self) -> NetworkPolicy:
        """The policy of the present weights; for evaluation it is greedy."""
        if self._policy is None:
            self._policy = NetworkPolicy(self.network, self.encoding, self.device)
        return self._policy

    def computing(self) -> AbstractContextManager[None]:
        """Return a context with the threads of `config`: more of them wait for each other."""
        return threads(self.config.threads)

    def learn(
        self,
        total_timesteps: float,
        *,
        progress_bar: bool = False,
        callback: Callback | None = None,
    ) -> Self:
        """Learn for so many more steps, all environments together, and to the end of an update.

        Episodes go on where the last call left them; where somebody else has played the
        environments since, in a callback too, new ones begin.

        Args:
            total_timesteps: Added to the steps so far; a whole number, also as 1e5.
            progress_bar: Whether to show one.
            callback: Called with `Progress` after updates, at most some 200 times and at the end;
                returning False stops.

        Raises:
            ValueError: If the number of steps is no whole number from 0 on.
            NotFiniteError: If an observation, a reward or the gradient is not finite. The weights
                are those of the last good update.
        """
        from rlkit.agents.progress import bar

        steps = whole("total_timesteps", total_timesteps)
        if self.config.horizon is None:
            self._plan = self._plan.with_more(self.num_timesteps, steps)
        target = self.num_timesteps + steps
        pause = steps // REPORTS
        due = self.num_timesteps + pause
        with (
            self._playing(),
            self.computing(),
            mode(self.network, training=True),
            borrowed(noise_of(self.device)) as noise,
            bar(target, "learning", shown=progress_bar, completed=self.num_timesteps) as advance,
        ):
            while self.num_timesteps < target:
                noise.manual_seed(derive(self.seed, "noise", self.num_timesteps))
                for group in self.optimizer.param_groups:
                    group["lr"] = self._scheduled(self.config.learning_rate)
                self._learn_once()
                if self.num_timesteps < min(due, target):
                    continue
                due = self.num_timesteps + pause
                advance(min(self.num_timesteps, target))
                if callback is not None and not self._tell(callback, target):
                    break
        return self

    def _tell(self, callback: Callback, target: int) -> bool:
        """Call back, with the network as for predictions; return whether to go on."""
        self.world.witness.note()
        with mode(self.network, training=False):
            going = callback(Progress(self.num_timesteps, target, self)) is not False
        self._leave_if_disturbed()
        return going

    @contextmanager
    def _playing(self) -> Iterator[None]:
        """Play the environments meanwhile, from new episodes if others have played them."""
        self._leave_if_disturbed()
        try:
            yield
        except BaseException:  # perhaps in the middle of a step
            self.world.started = False
            self._retract_steps()
            raise
        finally:
            self.world.witness.note()

    def _leave_if_disturbed(self) -> None:
        """Leave the present episodes if somebody else has played the environments."""
        if self.world.started and self.world.witness.disturbed():
            self.end_episodes()

    def end_episodes(self) -> None:
        """Let new episodes begin with the next step; the present ones count as truncated."""
        self.world.started = False
        self._forget_episodes()

    def predict(
        self,
        observation: Any,
        state: Any = None,
        episode_start: Any = None,
        deterministic: bool = False,
        action_masks: Array | None = None,
    ) -> tuple[Any, Any]:
        """Return actions and the network's memory, see `rlkit.agent.Player`."""
        key = None if deterministic or not self.explores else derive(self.seed, "predict")
        chosen, after = self.policy.choose(
            observation, state, episode_start, action_masks, key, self._predictions
        )
        self._predictions += len(chosen)
        return (chosen if self.encoding.batched(observation) else np.int64(chosen[0])), after

    def state_dict(self) -> dict[str, Array]:
        """Return all that is learned and all that the next update depends on."""
        weights = {f"network.{k}": v for k, v in self.network.state_dict().items()}
        memory = self.optimizer.state_dict()["state"].get(0, {})
        tensors = {**weights, **{f"optimizer.{k}": v for k, v in memory.items()}}
        return {
            **{name: tensor.detach().cpu().numpy().copy() for name, tensor in tensors.items()},
            **{f"world.{name}": array for name, array in self.world.snapshot().items()},
            **self._more_state(),
            "seed": _as_words(self.seed),
            "num_timesteps": np.array(self.num_timesteps),
            "plan": np.array(self._plan),
            "predictions": np.array(self._predictions),
        }

    def load_state_dict(self, state: dict[str, Array]) -> None:
        """Go on exactly where `state_dict` was called, or where that cannot be in new episodes.

        States of earlier versions have their seed as one number, and count no predictions.

        Raises:
            ValueError: If the arrays are of another environment or another network.
        """
        self._load_learned(state)
        seed = derive(self.seed, "episodes", self.num_timesteps)
        if not self.world.restore(part_of(state, "world."), seed):
            self.end_episodes()

    def _continue(self, state: dict[str, Array]) -> None:
        vector, given = self.world.env, self._given
        if vector is not given and getattr(vector, "env", None) is not given:
            self.load_state_dict(state)  # its environments were made anew
            return
        self._load_learned(state)
        self.world.take_over(part_of(state, "world."))

    def __reduce__(self) -> Any:
        self._leave_if_disturbed()  # a copy of the environments does not know who has played them
        return super().__reduce__()

    def _outlives_files(self) -> bool:
        return self.world.can_be_copied()

    def _load_learned(self, state: dict[str, Array]) -> None:
        self._load_network(part_of(state, "network."))
        memory = part_of(state, "optimizer.")
        if memory:
            whole = self.optimizer.state_dict()
            whole["state"] = {0: {k: torch.from_numpy(v.copy()) for k, v in memory.items()}}
            self.optimizer.load_state_dict(whole)
        self.seed = _of_words(state["seed"])
        self._key = np.uint64(derive(self.seed, "actions"))
        self.num_timesteps = int(state["num_timesteps"].item())
        self._plan = Plan(*map(int, state.get("plan", ())))
        self._predictions = int(state.get("predictions", np.array(0)).item())
        self._restore_more(state)

    def _beginning(self) -> tuple[Any, tuple[Any, ...], dict[str, Any]]:
        return type(self), (self._given,), {"seed": self.seed}

    def _load_network(self, weights: dict[str, Array]) -> None:
        own = self.network.state_dict()
        for name, tensor in own.items():
            shape = None if name not in weights else weights[name].shape
            if shape != tuple(tensor.shape):
                raise ValueError(
                    f"the checkpoint does not fit this environment or these settings: {name} has "
                    f"the shape {shape} there and {tuple(tensor.shape)} here"
                )
        with torch.no_grad():
            for name, tensor in own.items():
                tensor.copy_(torch.from_numpy(weights[name].copy()))


def _as_words(number: int) -> Array:
    """Return a whole number of any size as an array of words of 32 bits, the lowest first."""
    count = max(-(-number.bit_length() // 32), 1)
    return np.array([number >> (32 * i) & 0xFFFF_FFFF for i in range(count)], np.uint32)


def _of_words(words: Array) -> int:
    """Return what `_as_words` was given; of a single number, the number."""
    return sum(int(word) << (32 * i) for i, word in enumerate(np.ravel(words)))
