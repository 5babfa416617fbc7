"""What all tabular learners share: tables of many seeds, streams, learning, acting, saving."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np

from rlkit.agents.checking import NotFiniteError
from rlkit.agents.configuring import make_config, make_env
from rlkit.agents.learning import Callback, Plan, Progress
from rlkit.agents.saving import Saved, part_of
from rlkit.agents.tabular import loops, worlds
from rlkit.agents.tabular.config import TabularConfig
from rlkit.agents.tabular.foreign import ForeignWorld, first_numbers, places_of
from rlkit.agents.tabular.loops import Algorithm
from rlkit.agents.tabular.rules import Memory, Settings
from rlkit.arrays import Array, Bools, Floats
from rlkit.checks import seed_of, whole
from rlkit.copying import Copyable
from rlkit.discounts import discount_of
from rlkit.envs.tabular import Tabular
from rlkit.policy import TabularPolicy, checked_masks
from rlkit.randomness import derive
from rlkit.wrappers import time_limit

NO_EPISODE = (-1, -1, 0)
"""The situation of a table before an episode begins."""
THREADS = 2
CHUNKS = 100
LONGEST_CHUNK = 2_000_000
"""A callback, and so an interruption, waits for no more than so many steps of all tables."""


class OnlineReturn(NamedTuple):
    """How the agent did while it learned: finished episodes and their mean undiscounted return."""

    episodes: int
    mean: float


class TabularLearner(Copyable, Saved):
    """The base of the tabular learners, which differ in `algorithm` and what they remember.

    `QLearning(env, seeds=100, seed=s)` learns 100 independent tables at once; table i equals, bit
    for bit, what `QLearning(env, seed=s + i)` learns.

    Args:
        env: An environment with Discrete spaces, or its id.
        seed: Of the first table; None draws one.
        seeds: How many tables; more than one needs an environment with a model.
        settings: Hyper-parameters, see the agent's configuration.

    Raises:
        TypeError: If a space is not Discrete, or a hyper-parameter is unknown.
        ValueError: If a hyper-parameter leaves its range.
    """

    config_class: ClassVar[type[TabularConfig]] = TabularConfig
    algorithm: Algorithm

    def __init__(self, env: Any, *, seed: int | None = 0, seeds: int = 1, **settings: Any) -> None:
        self.seed, self.seeds = seed_of(seed), whole("seeds", seeds, 1)
        self.config = make_config(self.config_class, settings)
        self.env = make_env(env)
        self.num_timesteps = 0
        self._plan = Plan()
        self._shape = worlds.table_shape(self.env)
        self._find_model()
        self.discount = discount_of(self.env, self.config.discount)
        tables = (self.seeds, *self._shape)
        self._memory = {
            "q": np.full(tables, float(self.config.initial_value)),
            "visits": np.zeros(tables, dtype=np.int64),
            **{
                name: np.repeat(array[None], self.seeds, axis=0)
                for name, array in self._more_memory().items()
            },
        }
        each = range(self.seed, self.seed + self.seeds)
        rows = [[derive(s, 0), 0, derive(s, "agent"), 0] for s in each]
        self._streams = np.array(rows, dtype=np.uint64)
        self._situations = np.tile(np.array(NO_EPISODE), (self.seeds, 1))
        self._records = np.zeros((self.seeds, 3))
        self._world: worlds.OwnWorld | ForeignWorld | None = None

    def _find_model(self) -> None:
        """Take the environment's model, and the legal actions, as they now stand."""
        self._basis = worlds.basis_of(self.env)
        self._model = worlds.model_of(self.env) if self.config.compiled else None
        if self.seeds > 1 and self._model is None:
            raise ValueError(
                f"seeds={self.seeds}: more than one table at once needs an environment with an "
                "exact model (`model` or a toy-text `P`) and compiled=True"
            )
        self._legal = self._known_legal()

    def _more_memory(self) -> dict[str, Array]:
        """Return what the algorithm remembers beside `q` and `visits`, for one table."""
        return {}

    def _extra(self) -> tuple[float, float]:
        """Return the two numbers of the algorithm's own, see `Settings`."""
        return 0.0, 0.0

    def _forget_episode(self) -> None:
        """Drop what the memory holds of an episode that will not go on."""

    def _limit(self) -> int:
        """Return the step limit of an episode, -1 for none."""
        return time_limit(self.env)

    @property
    def q(self) -> Floats:
        """The table `(S, A)`; `(seeds, S, A)` with more than one seed."""
        q = self._memory["q"]
        return q if self.seeds > 1 else q[0]

    @property
    def visits(self) -> Array:
        """How often each pair was learned from, `(S, A)` or `(seeds, S, A)`."""
        visits = self._memory["visits"]
        return visits if self.seeds > 1 else visits[0]

    @property
    def policies(self) -> list[TabularPolicy]:
        """The greedy policy of each table."""
        allowed = np.where(self._legal, self._memory["q"], -np.inf)
        state, action = first_numbers(self.env)
        return [
            TabularPolicy(
                table.argmax(axis=1), table.shape[1], first_state=state, first_action=action
            )
            for table in allowed
        ]

    @property
    def policy(self) -> TabularPolicy:
        """The greedy policy of the one table."""
        self._refuse_many("policy")
        return self.policies[0]

    @property
    def online(self) -> list[OnlineReturn]:
        """How each table did while it learned, since the last `reset_online`."""
        rows = self._records[:, loops.EPISODES :]
        return [OnlineReturn(int(n), total / n if n else float("nan")) for n, total in rows]

    def reset_online(self) -> None:
        """Begin to count finished episodes and their returns anew."""
        self._records[:, loops.EPISODES :] = 0.0

    def learn(
        self,
        total_timesteps: float,
        *,
        progress_bar: bool = False,
        callback: Callback | None = None,
    ) -> Self:
        """Learn for so many more steps a table.

        Where somebody else has played the environment since, a new episode begins.

        Args:
            total_timesteps: Added to the steps so far.
            progress_bar: Whether to show one.
            callback: Called with `Progress` some hundred times; returning False stops.

        Raises:
            OddAnswerError: If the environment gives what is no number, no state or no mask; the
                message says what, and at which step.
            NotFiniteError: If a reward is not finite, or values grew beyond all bounds.
        """
        wanted = whole("total_timesteps", total_timesteps)
        if worlds.basis_of(self.env) != self._basis:
            self.end_episodes()
            self._find_model()
        if self.config.horizon is None:
            self._plan = self._plan.with_more(self.num_timesteps, wanted)
        target = self.num_timesteps + wanted
        chunk = max(min(wanted // CHUNKS, LONGEST_CHUNK // self.seeds), 1)
        from rlkit.agents.progress import bar

        with bar(target, "learning", shown=progress_bar, completed=self.num_timesteps) as advance:
            while self.num_timesteps < target:
                steps = min(chunk, target - self.num_timesteps)
                self._learn_chunk(steps)
                self.num_timesteps += steps
                advance(self.num_timesteps)
                progress = Progress(self.num_timesteps, target, self)
                if callback is not None and callback(progress) is False:
                    break
        self._check_finite()
        return self

    def predict(
        self,
        observation: Any,
        state: Any = None,
        episode_start: Any = None,
        deterministic: bool = False,
        action_masks: Array | None = None,
    ) -> tuple[Any, Any]:
        """Return greedy actions, see `rlkit.agent.Player`.

        Raises:
            TypeError: If there are several tables.
        """
        del episode_start, deterministic
        self._refuse_many("predict")
        places = places_of(observation, self.env)
        rows = self.q[places]
        if action_masks is None:
            legal = self._legal[places]
        else:
            legal = checked_masks(action_masks, rows.shape)
        actions = np.where(legal, rows, -np.inf).argmax(axis=-1) + first_numbers(self.env)[1]
        return (np.int64(actions) if actions.ndim == 0 else actions), state

    def state_dict(self) -> dict[str, Array]:
        """Return all that is learned and all that the next step depends on."""
        arrays = {
            **{f"world.{name}": array for name, array in self._snapshot().items()},
            **self._memory,
            "streams": self._streams,
            "situations": self._situations,
            "records": self._records,
            "legal": self._legal,
            "num_timesteps": np.array(self.num_timesteps),
            "plan": np.array(self._plan),
        }
        return {name: array.copy() for name, array in arrays.items()}

    def load_state_dict(self, state: dict[str, Array]) -> None:
        """Go on exactly where `state_dict` was called.

        Raises:
            ValueError: If the arrays are of another environment.
        """
        if state["q"].shape[1:] != self._shape:
            raise ValueError(
                f"the checkpoint's table has {state['q'].shape[1:]} states and actions; this "
                f"environment has {self._shape}"
            )
        self.seeds = len(state["q"])
        for name, array in self._memory.items():
            wanted = (self.seeds, *array.shape[1:])
            if state[name].shape != wanted:
                raise ValueError(
                    f"the checkpoint's {name} has shape {state[name].shape}, expected {wanted}"
                )
            self._memory[name] = state[name].astype(array.dtype).copy()
        self._streams = state["streams"].astype(np.uint64)
        self._situations = state["situations"].astype(np.int64)
        self._records = state["records"].astype(np.float64)
        self._legal = state["legal"].astype(np.bool_)
        self.num_timesteps = int(state["num_timesteps"].item())
        self._plan = Plan(*map(int, state.get("plan", ())))
        self._world = None
        if self._foreign:
            self._enter(part_of(state, "world."))

    @property
    def _foreign(self) -> bool:
        """Whether it plays an environment that is not ours and has no model."""
        return self._model is None and worlds.own_env(self.env) is None

    def _snapshot(self) -> dict[str, Array]:
        """Return the state of a foreign environment; empty if it cannot be told or is not ours."""
        world = self._world
        if not isinstance(world, ForeignWorld) or world.disturbed():
            return {}
        return world.snapshot() or {}

    def _outlives_files(self) -> bool:
        return not self._foreign or bool(self._snapshot())

    def _enter(self, state: dict[str, Array]) -> None:
        """Bring a foreign environment to a state, if it is of it; else begin a new episode."""
        world = self._make_world() if state else None
        if isinstance(world, ForeignWorld) and world.restore(state):
            self._world = world
        elif (self._situations != NO_EPISODE).any():
            self.end_episodes()

    def _beginning(self) -> tuple[Any, tuple[Any, ...], dict[str, Any]]:
        return type(self), (self.env,), {"seed": self.seed, "seeds": self.seeds}

    def _check_finite(self) -> None:
        finite = np.isfinite(self._memory["q"])
        if not finite.all():
            table, s, a = (int(place) for place in np.argwhere(~finite)[0])
            raise NotFiniteError(
                f"the value of state {s}, action {a} is {self._memory['q'][table, s, a]} after "
                f"{self.num_timesteps} steps: it has grown beyond all bounds. A smaller "
                "learning_rate (with traces, lambda_) or smaller rewards may help"
            )

    def _learn_chunk(self, steps: int) -> None:
        if self._model is None:
            self._learn_plainly(steps)
        else:
            self._learn_compiled(self._model, steps)

    def _memory_of(self, i: int) -> Memory:
        q, visits, *more = (array[i] for array in self._memory.values())
        return (q, visits, self._legal, *more)

    def _settings(self) -> Settings:
        config = self.config
        return Settings(
            float(self.discount),
            self._plan.parameters(config.epsilon, config.horizon),
            self._plan.parameters(config.learning_rate, config.horizon),
            float(config.count_bonus),
            self._extra(),
        )

    def _learn_compiled(self, tabular: Tabular, steps: int) -> None:
        """Run the compiled loop on each table, in threads."""
        loop, settings, limit = loops.compiled_loop(self.algorithm), self._settings(), self._limit()
        model = loops.Model.of(tabular)

        def run(i: int) -> None:
            places = (self._streams[i], self._situations[i], self._records[i])
            loop(self._memory_of(i), *places, model, settings, self.num_timesteps, steps, limit)

        if self.seeds == 1:
            run(0)
            return
        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(run, range(self.seeds)))

    def __getstate__(self) -> dict[str, Any]:
        self._drop_disturbed()  # a copy of the environment does not know who has played it
        return super().__getstate__()

    def _drop_disturbed(self) -> None:
        """Drop the episode if somebody else has played the environment: it does not go on."""
        if isinstance(self._world, ForeignWorld) and self._world.disturbed():
            self.end_episodes()

    def end_episodes(self) -> None:
        """Begin a new episode next, in streams of its own where the environment is not ours."""
        self._world = None
        self._situations[:] = NO_EPISODE
        self._records[:, loops.RETURN] = 0.0
        self._forget_episode()

    def _learn_plainly(self, steps: int) -> None:
        """Run the plain loop on the environment itself."""
        self._drop_disturbed()
        world = self._world or self._make_world()
        self._world = world
        if isinstance(world, worlds.OwnWorld):
            state, (key, counter) = self._situations[0, loops.STATE], self._streams[0, :2]
            world.resume(int(state), int(key), int(counter))
        places = (self._streams[0], self._situations[0], self._records[0])
        settings, begin = self._settings(), self.num_timesteps
        memory = self._memory_of(0)
        try:
            loops.plain_loop(self.algorithm, memory, *places, world, settings, begin, steps)
        except BaseException:
            self.end_episodes()  # nobody knows where it stands now
            raise
        if isinstance(world, worlds.OwnWorld):
            self._streams[0, loops.ENV_COUNTER] = world.env.get_state()["counter"]
        else:
            world.note()

    def _make_world(self) -> worlds.OwnWorld | ForeignWorld:
        own = worlds.own_env(self.env)
        if own is not None:
            return worlds.OwnWorld(own, self._limit())
        if self.algorithm.exploring_starts:
            raise TypeError(
                "exploring starts need an environment that can begin anywhere: one of ours, or "
                "one with a toy-text `P` and compiled=True"
            )
        agent_key = int(self._streams[0, loops.AGENT_KEY])
        later = derive(agent_key, self.num_timesteps) % 2**63
        seed = later if self.num_timesteps else self.seed
        return ForeignWorld(self.env, self._legal, seed, self._limit())

    def _known_legal(self) -> Bools:
        """Return the legal actions as far as they are known; others are learned from masks."""
        own = worlds.own_env(self.env)
        # Copies can be written, as what is loaded can: one machine code serves both.
        if self._model is not None:
            return self._model.model.legal.copy()
        if own is not None:
            return own.model.legal.copy()
        return np.ones(self._shape, dtype=np.bool_)

    def _refuse_many(self, what: str) -> None:
        if self.seeds > 1:
            raise TypeError(
                f"this agent holds {self.seeds} tables, so `{what}` is ambiguous: use "
                "`policies[i]`, or learn with seeds=1"
            )
