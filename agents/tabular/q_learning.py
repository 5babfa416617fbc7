"""Q-learning (Watkins 1989; NNDL Alg. 14.4), one table or many at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import gymnasium
import numpy as np
from gymnasium.spaces import Discrete

from rlkit.agents.configuring import make_config, make_env
from rlkit.agents.saving import Saved
from rlkit.agents.tabular.updates import epsilon_greedy, linear, q_learning_target, step_size
from rlkit.arrays import Array, Bools, Floats
from rlkit.envs.adapter import MDPEnv, Tabular
from rlkit.model import DEFAULT_DISCOUNT, TabularModel
from rlkit.policy import TabularPolicy, checked_mask
from rlkit.randomness import Stream, derive

THREADS = 2
CHUNKS = 100
LONGEST_CHUNK = 200_000
"""A callback, and so an interruption, waits for no more than so many steps of all tables."""


@dataclass(frozen=True)
class QLearningConfig:
    """Hyper-parameters of Q-learning."""

    learning_rate: float = 1.0
    """Step size of the first visit to a pair (s, a), in (0, 1]."""
    learning_rate_decay: float = 0.8
    """The n-th visit has the step size learning_rate / n^decay. 0 keeps it constant, which fails
    where rewards are noisy; from .5 to 1 the values converge."""
    initial_value: float = 0.0
    """Every entry of the table at first; a high one makes the agent try everything."""
    discount: float | None = None
    """In [0, 1]; None takes the environment's own, or .99."""
    epsilon: float = 0.3
    """Probability of exploring at the start, in [0, 1]."""
    final_epsilon: float = 0.05
    """Probability of exploring at the horizon and after, in [0, 1]."""
    horizon: int | None = None
    """Steps over which epsilon falls linearly; None takes the length of the first `learn`."""
    compiled: bool = True
    """Whether to run compiled where the environment has an exact model."""

    def __post_init__(self) -> None:
        for name in ("learning_rate", "epsilon", "final_epsilon"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} must lie in [0, 1], got {getattr(self, name)}")
        if self.discount is not None and not 0 <= self.discount <= 1:
            raise ValueError(f"discount must lie in [0, 1], got {self.discount}")
        if self.learning_rate_decay < 0:
            raise ValueError(
                f"learning_rate_decay must not be negative: {self.learning_rate_decay}"
            )
        if self.horizon is not None and self.horizon < 1:
            raise ValueError(f"horizon must be at least 1, got {self.horizon}")


class Progress(NamedTuple):
    """What a callback sees: absolute steps so far, the target, and the agent."""

    step: int
    target: int
    agent: Any


Callback = Callable[[Progress], bool | None]


class QLearning(Saved):
    """Learns Q by bootstrapping on its own best next value, while it explores.

    `QLearning(env, seeds=100, seed=s)` learns 100 independent tables at once; table i equals, bit
    for bit, what `QLearning(env, seed=s + i)` learns.

    Args:
        env: An environment with Discrete spaces, or its id.
        seed: Of the first table.
        seeds: How many tables; more than one needs an environment with a model.
        settings: Hyper-parameters, see `QLearningConfig`.

    Raises:
        TypeError: If a space is not Discrete, or a hyper-parameter is unknown.
    """

    def __init__(self, env: Any, *, seed: int = 0, seeds: int = 1, **settings: Any) -> None:
        self.config = make_config(QLearningConfig, settings)
        self.env = make_env(env)
        self.seed = seed
        self.seeds = seeds
        self.num_timesteps = 0
        shape = _table_shape(self.env)
        self._q = np.full((seeds, *shape), float(self.config.initial_value))
        self._visits = np.zeros((seeds, *shape), dtype=np.int64)
        self._model = _model_of(self.env) if self.config.compiled else None
        if seeds < 1 or (seeds > 1 and self._model is None):
            raise ValueError(
                f"seeds={seeds}: it must be at least 1, and more than one table at once needs an "
                "environment with an exact model (`model` or a toy-text `P`) and compiled=True"
            )
        self.discount = _discount_of(self.env, self.config.discount)
        keys = [derive(seed + i, "agent") for i in range(seeds)]
        env_keys = [derive(seed + i, 0) for i in range(seeds)]
        self._agent_keys = np.array(keys, dtype=np.uint64)
        self._agent_counters = np.zeros(seeds, dtype=np.uint64)
        self._env_keys = np.array(env_keys, dtype=np.uint64)
        self._env_counters = np.zeros(seeds, dtype=np.uint64)
        self._states = np.full(seeds, -1, dtype=np.int64)
        self._elapsed = np.zeros(seeds, dtype=np.int64)
        self._now: tuple[int, Bools] | None = None

    @property
    def q(self) -> Floats:
        """The table `(S, A)`; `(seeds, S, A)` with more than one seed."""
        return self._q if self.seeds > 1 else self._q[0]

    @property
    def policies(self) -> list[TabularPolicy]:
        """The greedy policy of each table."""
        legal = self._legal()
        allowed = np.where(legal, self._q, -np.inf)
        return [TabularPolicy(table.argmax(axis=1), table.shape[1]) for table in allowed]

    @property
    def policy(self) -> TabularPolicy:
        """The greedy policy of the one table."""
        self._refuse_many("policy")
        return self.policies[0]

    def learn(
        self,
        total_timesteps: int,
        *,
        progress_bar: bool = False,
        callback: Callback | None = None,
    ) -> "QLearning":
        """Learn for so many more steps a table.

        Args:
            total_timesteps: Added to the steps so far.
            progress_bar: Whether to show one.
            callback: Called with `Progress` some hundred times; returning False stops.
        """
        if total_timesteps < 0:
            raise ValueError(f"total_timesteps must not be negative, got {total_timesteps}")
        if self.config.horizon is None:
            self.config = replace(self.config, horizon=max(total_timesteps, 1))
        target = self.num_timesteps + total_timesteps
        from rlkit.agents.progress import bar

        with bar(target, "learning", shown=progress_bar, completed=self.num_timesteps) as advance:
            while self.num_timesteps < target:
                steps = min(self._chunk(total_timesteps), target - self.num_timesteps)
                self._learn_chunk(steps)
                self.num_timesteps += steps
                advance(self.num_timesteps)
                if (
                    callback is not None
                    and callback(Progress(self.num_timesteps, target, self)) is False
                ):
                    break
        return self

    def predict(
        self,
        observation: Any,
        state: Any = None,
        episode_start: Any = None,
        deterministic: bool = False,
        action_masks: Array | None = None,
    ) -> tuple[Any, Any]:
        """Return the greedy action of one observation, or an array of them for a batch.

        `episode_start` and `deterministic` are part of the common interface; a greedy table needs
        neither.
        """
        del episode_start, deterministic
        self._refuse_many("predict")
        places = np.asarray(observation)
        rows = self.q[places]
        if action_masks is None:
            legal = self._legal()[places]
        elif rows.ndim == 1:
            legal = checked_mask(action_masks, rows.shape[-1])
        else:
            legal = np.asarray(action_masks, dtype=np.bool_)
        actions = np.where(legal, rows, -np.inf).argmax(axis=-1)
        return (np.int64(actions) if actions.ndim == 0 else actions), state

    def state_dict(self) -> dict[str, Array]:
        """Return all that is learned and all that the next step depends on.

        An environment that is not ours cannot be copied, so it begins a new episode after this.
        """
        self._now = None
        return {
            "q": self._q,
            "visits": self._visits,
            "env_keys": self._env_keys,
            "env_counters": self._env_counters,
            "agent_keys": self._agent_keys,
            "agent_counters": self._agent_counters,
            "states": self._states,
            "elapsed": self._elapsed,
            "num_timesteps": np.array(self.num_timesteps),
        }

    def load_state_dict(self, state: dict[str, Array]) -> None:
        """Go on exactly where `state_dict` was called.

        Raises:
            ValueError: If the arrays are of another environment.
        """
        if state["q"].shape[1:] != self._q.shape[1:]:
            raise ValueError(
                f"the checkpoint's table has {state['q'].shape[1:]} states and actions; this "
                f"environment has {self._q.shape[1:]}"
            )
        self.seeds = len(state["q"])
        for name, array in self.state_dict().items():
            if name != "num_timesteps":
                setattr(self, f"_{name}", state[name].astype(array.dtype).copy())
        self.num_timesteps = int(state["num_timesteps"].item())

    def _chunk(self, total_timesteps: int) -> int:
        """Return how many steps to learn between two callbacks."""
        return max(min(total_timesteps // CHUNKS, LONGEST_CHUNK // self.seeds), 1)

    def _learn_chunk(self, steps: int) -> None:
        if self._model is not None:
            self._learn_compiled(self._model, steps)
        else:
            self._learn_plainly(steps)

    def _learn_compiled(self, model: Tabular, steps: int) -> None:
        """Run the compiled loop on slices of the tables, one a thread."""
        from rlkit.agents.tabular.kernels import q_learning
        from rlkit.envs.kernels import begin

        first = model.first.sampler[:2]
        fresh = self._states < 0
        begin(fresh, self._env_keys, self._env_counters, self._states, self._elapsed, first)
        config = self.config
        settings = (
            config.learning_rate,
            config.learning_rate_decay,
            self.discount,
            config.epsilon,
            config.final_epsilon,
            config.horizon or 1,
        )
        kernel_model = (*model.outcomes.sampler[:2], model.model.legal)
        limit = _time_limit(self.env)

        def run(part: slice) -> None:
            q_learning(
                (self._q[part], self._visits[part]),
                (
                    self._env_keys[part],
                    self._env_counters[part],
                    self._agent_keys[part],
                    self._agent_counters[part],
                ),
                (self._states[part], self._elapsed[part]),
                kernel_model,
                first,
                settings,
                self.num_timesteps,
                steps,
                limit,
            )

        if self.seeds == 1:
            run(slice(0, 1))
            return
        size = -(-self.seeds // THREADS)
        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(run, [slice(k, k + size) for k in range(0, self.seeds, size)]))

    def _learn_plainly(self, steps: int) -> None:
        """Run the textbook loop on the environment itself (NNDL Alg. 14.4)."""
        config, q, visits = self.config, self._q[0], self._visits[0]
        stream = Stream(int(self._agent_keys[0]), int(self._agent_counters[0]))
        env, limit = self._plain_env()
        s, legal = self._resume(env)
        for step in range(self.num_timesteps, self.num_timesteps + steps):
            epsilon = linear(config.epsilon, config.final_epsilon, step, config.horizon or 1)
            a = epsilon_greedy(q[s], legal, epsilon, stream.random())
            s_next, reward, terminated, truncated, info = env.step(a)
            s_next, legal_next = int(s_next), _mask_in(info, q.shape[1])
            self._elapsed[0] += 1
            visits[s, a] += 1
            target = q_learning_target(
                float(reward), terminated, self.discount, q[s_next], legal_next
            )
            rate = step_size(config.learning_rate, config.learning_rate_decay, int(visits[s, a]))
            q[s, a] += rate * (target - q[s, a])
            s, legal = s_next, legal_next
            if terminated or truncated or self._elapsed[0] == limit:
                s, info = env.reset()
                s, legal = int(s), _mask_in(info, q.shape[1])
                self._elapsed[0] = 0
        self._agent_counters[0] = stream.counter
        self._now = s, legal
        if isinstance(env, MDPEnv):
            self._states[0] = s
            self._env_counters[0] = env.get_state()["counter"]

    def _plain_env(self) -> tuple[Any, int]:
        """Return the environment to play and the time limit to keep.

        Ours is played bare, with its limit kept here, because then it can be resumed exactly.
        """
        if isinstance(self.env.unwrapped, MDPEnv):
            return self.env.unwrapped, _time_limit(self.env)
        return self.env, -1

    def _resume(self, env: Any) -> tuple[int, Bools]:
        """Go on where the last chunk stopped; after a checkpoint, others than ours begin anew."""
        if isinstance(env, MDPEnv) and self._states[0] >= 0:
            key, counter = int(self._env_keys[0]), int(self._env_counters[0])
            env.set_state(
                {"state": int(self._states[0]), "over": 0, "key": key, "counter": counter}
            )
            return int(self._states[0]), env.action_masks()
        if self._now is not None:
            return self._now
        later = derive(int(self._agent_keys[0]), self.num_timesteps) % 2**63
        s, info = env.reset(seed=later if self.num_timesteps else self.seed)
        self._elapsed[0] = 0
        return int(s), _mask_in(info, self._q.shape[2])

    def _legal(self) -> Bools:
        if self._model is not None:
            return self._model.model.legal
        base = self.env.unwrapped
        if isinstance(base, MDPEnv):
            return base.model.legal
        return np.ones(self._q.shape[1:], dtype=np.bool_)

    def _refuse_many(self, what: str) -> None:
        if self.seeds > 1:
            raise TypeError(
                f"this agent holds {self.seeds} tables, so `{what}` is ambiguous: use "
                "`policies[i]`, or learn with seeds=1"
            )


def _table_shape(env: gymnasium.Env[Any, Any]) -> tuple[int, int]:
    for name, space in (("observation", env.observation_space), ("action", env.action_space)):
        if not isinstance(space, Discrete) or space.start != 0:
            raise TypeError(
                f"a tabular agent needs a Discrete {name} space from 0; this one is {space}. "
                "Deep agents (sb3:ppo, sb3:dqn) take vectors and images; our own environments "
                "have observation='index'."
            )
    return int(env.observation_space.n), int(env.action_space.n)  # type: ignore[attr-defined]


def _model_of(env: gymnasium.Env[Any, Any]) -> Tabular | None:
    """Return the exact model of an environment, or None if it has none."""
    base = env.unwrapped
    if isinstance(base, MDPEnv):
        return base.tabular
    if not hasattr(base, "P") or getattr(base, "fickle_passenger", False):
        return None
    return Tabular(TabularModel.from_env(env))


def _discount_of(env: gymnasium.Env[Any, Any], given: float | None) -> float:
    if given is not None:
        return given
    return float(getattr(env.unwrapped, "discount", DEFAULT_DISCOUNT))


def _time_limit(env: gymnasium.Env[Any, Any]) -> int:
    """Return the step limit of a registered environment; -1 for none."""
    limit = env.spec.max_episode_steps if env.spec is not None else None
    return limit or -1


def _mask_in(info: dict[str, Any], num_actions: int) -> Bools:
    mask = info.get("action_mask")
    return np.ones(num_actions, dtype=np.bool_) if mask is None else checked_mask(mask, num_actions)
