"""Evaluation by playing: returns, lengths and what `info` reports, with intervals."""

import inspect
import warnings
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from numbers import Real
from typing import Any

import gymnasium
import numpy as np
from gymnasium.vector import VectorEnv

from rlkit.arrays import Floats, Ints
from rlkit.checks import in_unit_interval, whole
from rlkit.discounts import discount_of
from rlkit.loop import CUT, Step, steps
from rlkit.randomness import Rng, Stream, derive
from rlkit.roles import for_tests, own_seed
from rlkit.statistics import UNKNOWN, Estimate, mean_interval
from rlkit.wrappers import time_limit

Tick = Callable[[int], None]
ILLEGAL = "illegal"
EPISODE_WORDS = ("success", "is_success", CUT)
"""What these say in `info` is about the episode, by convention, even if every step says it."""
INTERRUPTED = "interrupted"
"""Says in `info` at the end that the world was over first, as a drive is: no failure of the agent.

A step limit of the experimenter is none of that: who does not come to an end within it has failed.
"""
LONGEST_EPISODE = 10_000
"""Steps after which an episode of a test is cut where its environment has no step limit."""


class CutWarning(UserWarning):
    """An episode of a test went on and on, and was cut."""


@dataclass(frozen=True)
class Evaluation:
    """What `evaluate` measured, one entry an episode.

    Attributes:
        returns: Undiscounted returns, `(episodes,)`.
        discounted: Returns under `discount`.
        lengths: Numbers of steps.
        reports: Numbers that `info` reported of every episode at its end, by name; `success` is 0
            where it reported none; `illegal`, how many acts of the episode were, if it told that
            of any; and `cut`, 1 for an episode that was cut because it went on, if any was: its
            returns and its length are those of the steps it was given. Where `interrupted` is 1,
            the world was over first, and a success of 0 is no failure.
        discount: Of the discounted returns.
    """

    returns: Floats
    discounted: Floats
    lengths: Ints
    reports: dict[str, Floats]
    discount: float

    @property
    def interval(self) -> Estimate:
        """The mean return with its 95 % bootstrap interval."""
        return mean_interval(self.returns)

    def as_json(self) -> dict[str, Any]:
        """Return the means with their intervals; `success` is of those that nothing interrupted.

        It is NaN if all of them were interrupted; their share is `interrupted`, where `info` tells.
        """
        columns = {
            "return": self.returns,
            "discounted_return": self.discounted,
            "length": self.lengths,
            **self.reports,
        }
        for name in EPISODE_WORDS:
            if name in columns and INTERRUPTED in columns:
                columns[name] = columns[name][self.reports[INTERRUPTED] == 0.0]
        return {
            name: (mean_interval(values) if len(values) else UNKNOWN).as_json()
            for name, values in columns.items()
        }


class Chooser:
    """Plays any policy: ours, an agent of ours, or a Stable-Baselines3 model."""

    def __init__(self, player: Any, rng: Rng) -> None:
        own = player if hasattr(player, "distribution") else getattr(player, "policy", None)
        self._policy: Any = own if hasattr(own, "distribution") else player
        self._rng = rng
        if not hasattr(self._policy, "distribution") and not hasattr(player, "predict"):
            raise TypeError(f"{player!r} is no policy: it needs `distribution` or `predict`")
        self.begin()
        predict = getattr(player, "predict", None)
        self._masked = predict is not None and _takes_masks(predict)

    def begin(self) -> None:
        """Forget the past: an episode begins."""
        self._memory: Any = None
        self._start = True

    def __call__(self, observation: Any, info: dict[str, Any]) -> Any:
        """Return the next action."""
        mask = info.get("action_mask")
        if hasattr(self._policy, "distribution"):
            dist, self._memory = self._policy.distribution(observation, self._memory, mask)
            return dist.sample(self._rng)
        masks = {"action_masks": mask} if self._masked and mask is not None else {}
        action, self._memory = self._policy.predict(
            observation, self._memory, np.array([self._start]), deterministic=True, **masks
        )
        self._start = False
        return action


def computing(player: Any) -> AbstractContextManager[None]:
    """Return a context in which a player computes as in learning, if it says how that is."""
    own = getattr(player, "computing", None)
    return nullcontext() if own is None else own()


def bound(player: Any, env: gymnasium.Env[Any, Any]) -> Any:
    """Return a player for an environment; one that is made for a single one refuses another.

    Raises:
        ValueError: If it does.
    """
    bind = getattr(player, "bound_to", None)
    return player if bind is None else bind(env)


def _takes_masks(predict: Callable[..., Any]) -> bool:
    return "action_masks" in inspect.signature(predict).parameters


def evaluate(
    policy: Any,
    env: gymnasium.Env[Any, Any] | str,
    episodes: int = 100,
    seed: int | None = None,
    tick: Tick | None = None,
    discount: float | None = None,
    longest_episode: int = LONGEST_EPISODE,
) -> Evaluation:
    """Play episodes of a test and report what happened.

    They are never episodes that an agent was trained on: every seed has a stream of its own for
    tests (see `rlkit.roles`). The environment is left at the end of the last one.

    Args:
        policy: A `Policy`, one of our agents, or a Stable-Baselines3 model.
        env: A single environment or its id.
        episodes: At least 1.
        seed: Names the test: the same seed gives every policy the same episodes' starts, and
            another seed other ones. By default the seed that the agent was made with, else 0.
        tick: Called with the number of finished episodes, for progress bars.
        discount: Of the discounted returns; by default `judging_discount` of the two.
        longest_episode: Steps after which an episode is cut. A policy can make one endless, so this
            counts in every environment that is made without a step limit of its own.

    Warns:
        CutWarning: At the first episode that is cut.

    Raises:
        ValueError: If episodes or seed are no whole numbers, the discount is not in [0, 1], or
            `policy` was made for another environment.
        TypeError: If `env` is a vector, or `policy` is none.
    """
    episodes = whole("episodes", episodes, 1)
    played: Any = gymnasium.make(env) if isinstance(env, str) else env
    if isinstance(played, VectorEnv):
        raise TypeError(f"evaluate plays a single environment or its id, got {played!r}")
    named = own_seed(policy) if seed is None else whole("seed", seed)
    rng = Stream(derive(for_tests(named), "policy"))
    own = judging_discount(policy, played) if discount is None else discount
    tally = _Tally(in_unit_interval("discount", own))
    choose = Chooser(bound(policy, played), rng)
    longest = cut_after(played, longest_episode)
    played_steps = steps(
        played,
        lambda seen, info, _: choose(seen, info),
        rng,
        seed=for_tests(named),
        longest=longest,
    )
    with computing(policy):
        for step in played_steps:
            if not tally.count(step):
                continue
            choose.begin()
            if longest is not None and tally.first_cut():
                warn_of_cut(played, longest)
            if tick is not None:
                tick(len(tally.rows))
            if len(tally.rows) >= episodes:
                break
    if isinstance(env, str):
        played.close()
    return tally.evaluation()


def cut_after(env: gymnasium.Env[Any, Any], longest_episode: int) -> int | None:
    """Return after how many steps an episode of a test is cut; None where a wrapper limits it.

    Raises:
        ValueError: If `longest_episode` is no whole number from 1 on.
    """
    longest = whole("longest_episode", longest_episode, 1)
    return longest if time_limit(env) < 0 else None


def warn_of_cut(env: gymnasium.Env[Any, Any], longest_episode: int) -> None:
    """Warn that an episode went on and was cut, and say what to do; the words are always equal."""
    name = env.spec.id if env.spec is not None else str(env.unwrapped)
    warnings.warn(
        f"an episode of {name} was still going on after {longest_episode:,} steps and was cut: its "
        "return and length are those of these steps. If episodes may be longer, raise "
        "longest_episode; if a policy may go on for ever, give the environment max_episode_steps",
        CutWarning,
        stacklevel=3,
    )


def judging_discount(player: Any, env: gymnasium.Env[Any, Any]) -> float:
    """Return the discount to judge by: the player's own, else the environment's own, else .99.

    The last is what planners take. Models of Stable-Baselines3 call theirs `gamma`.
    """
    for name in ("discount", "gamma"):
        own = getattr(player, name, None)
        if isinstance(own, Real):
            return float(own)
    return discount_of(env)


class _Tally:
    """Sums up the steps of episodes.

    Args:
        discount: Of the discounted returns.

    Attributes:
        rows: Return, discounted return and length of every episode that has ended.
    """

    def __init__(self, discount: float) -> None:
        self.discount = discount
        self.rows: list[tuple[float, float, int]] = []
        self._infos: list[dict[str, Any]] = []
        self._midway: set[str] = set()
        self._illegal: list[float] = []
        self._cuts = 0
        self._begin()

    def _begin(self) -> None:
        self._total, self._worth, self._factor, self._length = 0.0, 0.0, 1.0, 0
        self._illegal.append(0.0)

    def count(self, step: Step) -> bool:
        """Add a step; return whether its episode is over."""
        self._total += step.reward
        self._worth += self._factor * step.reward
        self._factor *= self.discount
        self._length += 1
        self._illegal[-1] += bool(step.next_info.get(ILLEGAL, False))
        self._midway.update(step.info)
        if not (step.terminated or step.truncated):
            return False
        self.rows.append((self._total, self._worth, self._length))
        self._infos.append(step.next_info)
        self._cuts += CUT in step.next_info
        self._begin()
        return True

    def first_cut(self) -> bool:
        """Return whether the last episode was cut, as the first of all."""
        return self._cuts == 1 and CUT in self._infos[-1]

    def evaluation(self) -> Evaluation:
        """Return what was measured."""
        returns, discounted, lengths = np.array(self.rows).T
        return Evaluation(
            returns, discounted, lengths.astype(np.int64), self._reports(), self.discount
        )

    def _reports(self) -> dict[str, Floats]:
        """Return the scalar numbers of the episodes: what the last info of every episode tells.

        What is told before the end as well is about a moment, so the last one says nothing about
        the episode; illegal acts, which our environments tell so, are counted. An end that tells
        nothing of success, as where an episode is cut, is none.
        """
        merged = {name: value for info in self._infos for name, value in info.items()}
        of_moments = self._midway - {*EPISODE_WORDS}
        names = [
            name
            for name, value in merged.items()
            if isinstance(value, bool | int | float | np.number | np.bool_)
            and name not in of_moments | {ILLEGAL}
            and (name in EPISODE_WORDS or all(name in info for info in self._infos))
        ]
        reports = {
            name: np.array([float(info.get(name, False)) for info in self._infos]) for name in names
        }
        told = ILLEGAL in self._midway or any(ILLEGAL in info for info in self._infos)
        return reports | ({ILLEGAL: np.array(self._illegal[:-1])} if told else {})
