"""The algorithms of Stable-Baselines3 and sb3-contrib in the seat of our agents.

Their models are saved as their own zip, which can run code when it is opened; so `rlkit.load`
opens such a run only when it is told to trust it.
"""

import inspect
import io
from dataclasses import asdict, field, fields, make_dataclass
from functools import cache
from typing import Any, Self, get_args, get_origin

import gymnasium
import numpy as np
from gymnasium import spaces

from rlkit.agents.configuring import make_config, make_env
from rlkit.agents.fitting import way_out
from rlkit.agents.learning import Callback, Progress
from rlkit.agents.saving import Saved
from rlkit.agents.sb3.algorithms import SB3, counts_from_zero, fitting_sb3
from rlkit.agents.sb3.noise import Noise
from rlkit.agents.witness import Witness
from rlkit.arrays import Array, Bools
from rlkit.checks import finite, flag, seed_of, whole
from rlkit.discounts import own_discount
from rlkit.lazy import resolve
from rlkit.policy import TabularPolicy
from rlkit.randomness import derive

NOT_IN_ZIP = ("replay_buffer", "_last_lstm_states")
"""Attributes of a model that learning depends on and that its zip leaves out, or loading resets."""
CALLS = 200
"""A callback is called about so often while an agent learns."""
SMALLEST_IMAGE = 36
"""Sides from which on the network for images of Stable-Baselines3 fits [px]."""
GAMMA = "gamma"
"""What Stable-Baselines3 calls the discount."""
NOT_SETTINGS = ("self", "policy", "env", "seed", "verbose", "tensorboard_log", "_init_setup_model")


@cache
def algorithm_of(name: str) -> Any:
    """Return the algorithm's class.

    Raises:
        ImportError: If its package is missing; the message says how to install it.
    """
    target = SB3[name].target
    try:
        return resolve(target)
    except ModuleNotFoundError as error:
        raise ImportError(
            f'{name} needs the package {target.partition(":")[0]}: pip install "rlkit-cabin[deep]"'
        ) from error


@cache
def config_of(name: str) -> type[Any]:
    """Return the configuration of an algorithm: its own hyper-parameters with its own defaults.

    Beside them: `policy`, a name of the algorithm's policies, which "auto" chooses by the
    observations; and `num_envs`, how many environments are played at once. `gamma` is None by
    default, which takes the environment's own discount, as our agents do, or else the
    algorithm's default.
    """
    kind = algorithm_of(name)
    own = inspect.signature(kind.__init__).parameters.values()
    entries: list[Any] = [
        ("policy", str, field(default="auto")),
        ("num_envs", int, field(default=1)),
        *(
            (
                entry.name,
                int if _kinds_of(entry) & {int, float} == {int} else Any,  # 1e5 is a whole number
                field(default=None if entry.name == GAMMA else entry.default),
            )
            for entry in own
            if entry.name not in NOT_SETTINGS
        ),
    ]
    return make_dataclass(f"{kind.__name__}Config", entries, frozen=True)


class SB3Agent(Saved):
    """An algorithm of Stable-Baselines3 or sb3-contrib with the interface of our agents.

    Ours run at native speed, as many at once as `num_envs` says. A resumed agent goes on with the
    same weights and optimizers, but not bit for bit: replay memories, rollouts and random numbers
    are not kept.

    Args:
        name: Such as `sb3:ppo`.
        env: A single environment, or its id.
        seed: Of the algorithm; None draws one. The global generators, of which Stable-Baselines3
            draws, are lent to the agent and left as they were.
        settings: The algorithm's hyper-parameters, `policy` and `num_envs`; see `config_of`.

    Raises:
        TypeError: For an unknown hyper-parameter, or if the algorithm cannot act in the
            environment; the message names those that can.
        ValueError: If the environment cannot be made `num_envs` times.

    Attributes:
        model: The model of Stable-Baselines3.
        episodes: How many were finished in learning.
    """

    def __init__(self, name: str, env: Any, *, seed: int | None = 0, **settings: Any) -> None:
        from rlkit.agents.sb3.vectors import vector_for_sb3

        kind = algorithm_of(name)
        self.name = name
        self.episodes = 0
        self.seed = seed_of(seed)
        self.config = make_config(config_of(name), settings)
        _check_settings(kind, self.config)
        self.env = make_env(env)
        _check_spaces(name, self.env)
        self._vector = vector_for_sb3(self.env, self.config.num_envs)
        policy = self.config.policy
        if policy == "auto":
            policy = policy_for(kind, self.env.observation_space)
        self._noise = Noise()
        with self._noise.lent():
            self.model: Any = kind(policy, self._vector, seed=_short(self.seed), **self._settings())
        self._witness = self._watch()

    def _watch(self) -> Witness:
        """Notice from now on what others do with the environments."""
        return Witness(getattr(self._vector, "env", self._vector))

    @property
    def num_timesteps(self) -> int:
        """Steps so far, of all environments together."""
        return int(self.model.num_timesteps)

    @property
    def discount(self) -> float:
        """The discount of the algorithm; 1 where it has none."""
        return float(getattr(self.model, "gamma", 1.0))

    @property
    def policy(self) -> "Greedy":
        """The greedy policy, for exact evaluation."""
        return Greedy(self)

    def learn(
        self,
        total_timesteps: float,
        *,
        progress_bar: bool = False,
        callback: Callback | None = None,
    ) -> Self:
        """Learn for so many more steps, and on to the end of the algorithm's rollout.

        Episodes go on where the last call left them; where somebody else has played the
        environments since, new ones begin.

        Args:
            total_timesteps: Added to the steps so far; they count in all environments together. A
                whole number, also as 1e5.
            progress_bar: Whether to show one.
            callback: Called with `Progress` some hundred times; returning False stops.

        Raises:
            ValueError: If the number of steps is no whole number from 0 on.
            RuntimeError: If the callback played the environments that the agent learns in.
        """
        steps = whole("total_timesteps", total_timesteps)
        if self._witness.disturbed():
            self.end_episodes()
        with self._noise.lent():
            try:
                self._learn(steps, progress_bar, callback)
            except BaseException:  # perhaps in the middle of a step
                self.end_episodes()
                raise
            finally:
                self._witness.note()
        return self

    def _learn(self, steps: int, progress_bar: bool, callback: Callback | None) -> None:
        from rlkit.agents.progress import bar

        begin, target = self.num_timesteps, self.num_timesteps + steps
        with bar(target, "learning", shown=progress_bar, completed=begin) as advance:

            def tell() -> bool:
                advance(self.num_timesteps)
                self._witness.note()
                progress = Progress(self.num_timesteps, target, self)
                return callback is None or callback(progress) is not False

            every = max(steps // CALLS, 1)
            told = {"step": begin, "stop": False}

            def note(variables: dict[str, Any], _globals: dict[str, Any]) -> bool:
                step = self.num_timesteps
                self.episodes += int(np.sum(variables.get("dones", 0)))
                if told["step"] + every <= step < target:  # the last is told when it has learned
                    told.update(step=step, stop=not tell())
                    self._check_callback(bool(told["stop"]))
                return not told["stop"]

            self.model.learn(steps, callback=note, reset_num_timesteps=False)
            if not told["stop"]:
                tell()
            if self._witness.disturbed():
                self.end_episodes()

    def _check_callback(self, over: bool) -> None:
        if self._witness.disturbed() and not over:
            raise RuntimeError(
                f"the callback played the environment that {self.name} is learning in, in the "
                "middle of an episode: evaluate in another one, such as gymnasium.make(...)"
            )

    def end_episodes(self) -> None:
        """Let new episodes begin with the next step; what is remembered ends where it is."""
        self.model._last_obs = None
        memory: Any = getattr(self.model, "replay_buffer", None)
        if memory is None or not memory.size():
            return
        if hasattr(memory, "truncate_last_trajectory"):
            memory.truncate_last_trajectory()
        elif memory.optimize_memory_usage:  # as Stable-Baselines3 itself does
            memory.dones[memory.pos - 1] = True
        else:
            memory.timeouts[memory.pos - 1] = memory.dones[memory.pos - 1] == 0

    def predict(
        self,
        observation: Any,
        state: Any = None,
        episode_start: Any = None,
        deterministic: bool = False,
        action_masks: Array | None = None,
    ) -> tuple[Any, Any]:
        """Return actions as the model of Stable-Baselines3 does, see `rlkit.agent.Player`."""
        masks = {}
        if action_masks is not None and self._masked:
            masks = {"action_masks": self._mask_each(observation, action_masks)}
        with self._noise.lent():
            action, state = self.model.predict(
                observation, state, episode_start, deterministic=deterministic, **masks
            )
        return (np.int64(action) if self._is_one(action) else action), state

    def state_dict(self) -> dict[str, Array]:
        """Return the zip of Stable-Baselines3, as bytes."""
        buffer = io.BytesIO()
        self.model.save(buffer)
        return {"zip": np.frombuffer(buffer.getvalue(), dtype=np.uint8)}

    def load_state_dict(self, state: dict[str, Array]) -> None:
        """Take over a model. Opening its zip can run code: `rlkit.load` asks for trust before."""
        buffer = io.BytesIO(state["zip"].tobytes())
        with self._noise.lent():
            self.model = type(self.model).load(buffer, env=self._vector)
            self.seed = int(self.model.seed)
            # Else the random numbers of the beginning would come again.
            self.model.set_random_seed(_short(derive(self.seed, self.num_timesteps)))

    def __reduce__(self) -> Any:
        settings = {entry.name: getattr(self.config, entry.name) for entry in fields(self.config)}
        parts = {name: vars(self.model).get(name) for name in NOT_IN_ZIP}
        state = self._vector, self.state_dict()["zip"], parts, self._noise, self.episodes
        return _revived, (self.name, self.env, {"seed": self.seed, **settings}, state)

    def _go_on(
        self, vector: Any, zipped: Array, parts: dict[str, Any], noise: Noise, episodes: int
    ) -> None:
        """Go on as another agent would, in the middle of the episodes of a vector."""
        self._vector, self._noise, self.episodes = vector, noise, episodes
        buffer = io.BytesIO(zipped.tobytes())
        with Noise().lent():
            self.model = type(self.model).load(buffer, env=vector, force_reset=False)
        vars(self.model).update({name: part for name, part in parts.items() if part is not None})
        self._witness = self._watch()

    def _settings(self) -> dict[str, Any]:
        """Return what the constructor of the algorithm takes by name."""
        chosen = {key: _as_sb3(value) for key, value in asdict(self.config).items()}
        del chosen["num_envs"], chosen["policy"]
        if chosen.get(GAMMA, 1.0) is None:
            del chosen[GAMMA]
            own = own_discount(self.env)
            chosen |= {} if own is None else {GAMMA: own}
        return chosen

    @property
    def _masked(self) -> bool:
        """Whether the algorithm knows masks."""
        return "action_masks" in inspect.signature(self.model.predict).parameters

    def _mask_each(self, observation: Any, masks: Array) -> Bools:
        """Return masks as the algorithm wants them: one for each observation of a batch."""
        told = np.asarray(masks, dtype=np.bool_)
        tensors, batched = self.model.policy.obs_to_tensor(observation)
        one = next(iter(tensors.values())) if isinstance(tensors, dict) else tensors
        return np.broadcast_to(told, (len(one), told.shape[-1])).copy() if batched else told

    def _is_one(self, action: Any) -> bool:
        return np.ndim(action) == 0 and isinstance(self.env.action_space, spaces.Discrete)


class Greedy:
    """The greedy policy of an agent, where it can be put in a table."""

    def __init__(self, agent: SB3Agent) -> None:
        self._agent = agent

    def table(self, observations: Any, legal: Bools) -> TabularPolicy | None:
        """Return the choice in every state of a model; None if it has memory or is not legal.

        Args:
            observations: Of the states, a batch of S.
            legal: `(S, A)`; where nothing is, the episode is over and any action will do.
        """
        legal = legal | ~legal.any(axis=1, keepdims=True)
        actions, memory = self._agent.predict(observations, None, None, True, legal)
        if memory is not None or not legal[np.arange(len(legal)), actions].all():
            return None
        return TabularPolicy(np.asarray(actions, dtype=np.int64), legal.shape[1])


def policy_for(kind: Any, space: gymnasium.Space[Any]) -> str:
    """Return the name of the policy of an algorithm that reads such observations."""
    from stable_baselines3.common.preprocessing import is_image_space

    if isinstance(space, spaces.Dict):
        wanted = "MultiInput"
    elif is_image_space(space) and min(sorted(space.shape or (0,))[-2:]) >= SMALLEST_IMAGE:
        wanted = "Cnn"
    else:
        wanted = "Mlp"
    for name in (f"{wanted}Policy", f"{wanted}LstmPolicy"):
        if name in kind.policy_aliases:
            return name
    raise TypeError(
        f"{kind.__name__} has no {wanted} policy for {space}; it has "
        f"{', '.join(kind.policy_aliases)}"
    )


def _revived(name: str, env: Any, keywords: dict[str, Any], state: tuple[Any, ...]) -> SB3Agent:
    agent = SB3Agent(name, env, **keywords)
    agent._go_on(*state)
    return agent


def _kinds_of(parameter: inspect.Parameter) -> set[Any]:
    """Return the types that a parameter says it takes."""
    union = get_args(parameter.annotation) or (parameter.annotation,)
    return {get_origin(kind) or kind for kind in union}


def _check_settings(kind: type[Any], config: Any) -> None:
    """Raise a ValueError, with its name, for a number or a flag that is none."""
    whole("num_envs", config.num_envs, 1)
    for name, parameter in inspect.signature(kind).parameters.items():
        kinds = _kinds_of(parameter)
        value, others = _as_sb3(getattr(config, name, None)), kinds - {int, float}
        if not hasattr(config, name) or (name, value) == (GAMMA, None):
            continue
        if kinds == {bool}:
            flag(name, value)
        elif others != kinds and not isinstance(value, tuple(others)):
            finite(name, value)


def _check_spaces(name: str, env: gymnasium.Env[Any, Any]) -> None:
    if name not in fitting_sb3(env.action_space):
        raise TypeError(f"{name} cannot act in {env.action_space}; {way_out(env.action_space)}")
    if not counts_from_zero(env.observation_space):
        raise TypeError(
            f"{name} reads observations that count from 0; these are {env.observation_space}. Our "
            "own deep agents read them, and gymnasium.wrappers.TransformObservation shifts them"
        )


def _short(seed: int) -> int:
    """Return a seed as NumPy's global generator takes it: below 2^32."""
    return seed if seed < 2**32 else derive(seed) % 2**32


def _as_sb3(value: Any) -> Any:
    """Return a setting as Stable-Baselines3 wants it: lists, as files have them, as tuples."""
    return tuple(value) if isinstance(value, list) else value
