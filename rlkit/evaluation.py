"""Evaluation by playing: returns, lengths and what `info` reports, with intervals."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import gymnasium
import numpy as np

from rlkit.arrays import Floats, Ints
from rlkit.loop import steps
from rlkit.randomness import Rng, Stream, derive
from rlkit.statistics import Estimate, mean_interval

Tick = Callable[[int], None]


@dataclass(frozen=True)
class Evaluation:
    """What `evaluate` measured, one entry an episode.

    Attributes:
        returns: Undiscounted returns, `(episodes,)`.
        discounted: Returns under the environment's discount (1 where it names none).
        lengths: Numbers of steps.
        reports: Numbers that `info` reported at every end, such as success, by name.
    """

    returns: Floats
    discounted: Floats
    lengths: Ints
    reports: dict[str, Floats]

    @property
    def interval(self) -> Estimate:
        """The mean return with its 95 % bootstrap interval."""
        return mean_interval(self.returns)

    def as_json(self) -> dict[str, Any]:
        """Return the means with their intervals."""
        columns = {
            "return": self.returns,
            "discounted_return": self.discounted,
            "length": self.lengths,
            **self.reports,
        }
        return {name: mean_interval(values).as_json() for name, values in columns.items()}


class Chooser:
    """Plays any policy: ours, an agent of ours, or a Stable-Baselines3 model."""

    def __init__(self, player: Any, rng: Rng) -> None:
        own = getattr(player, "policy", None)
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


def _takes_masks(predict: Callable[..., Any]) -> bool:
    return "action_masks" in inspect.signature(predict).parameters


def evaluate(
    policy: Any,
    env: gymnasium.Env[Any, Any] | str,
    episodes: int = 100,
    seed: int = 0,
    tick: Tick | None = None,
) -> Evaluation:
    """Play episodes and report what happened.

    Args:
        policy: A `Policy`, one of our agents, or a Stable-Baselines3 model.
        env: A single environment or its id.
        episodes: At least 1.
        seed: Seeds environment and policy; the same seed gives the same episodes' starts.
        tick: Called with the number of finished episodes, for progress bars.
    """
    if episodes < 1:
        raise ValueError(f"evaluate needs at least one episode, got {episodes}")
    played = gymnasium.make(env) if isinstance(env, str) else env
    discount = float(getattr(played.unwrapped, "discount", 1.0))
    total, worth, factor, length = 0.0, 0.0, 1.0, 0
    rows: list[tuple[float, float, int]] = []
    infos = []
    rng = Stream(derive(seed, "policy"))
    choose = Chooser(policy, rng)
    for step in steps(played, lambda seen, info, _: choose(seen, info), rng, seed=seed):
        total, worth = total + step.reward, worth + factor * step.reward
        factor, length = factor * discount, length + 1
        if not (step.terminated or step.truncated):
            continue
        choose.begin()
        rows.append((total, worth, length))
        infos.append(step.next_info)
        total, worth, factor, length = 0.0, 0.0, 1.0, 0
        if tick is not None:
            tick(len(rows))
        if len(rows) == episodes:
            break
    if isinstance(env, str):
        played.close()
    returns, discounted, lengths = np.array(rows).T
    return Evaluation(returns, discounted, lengths.astype(np.int64), _reports(infos))


def _reports(infos: list[dict[str, Any]]) -> dict[str, Floats]:
    """Return the scalar numbers that the last info of every episode has."""
    names = [
        name
        for name, value in infos[0].items()
        if isinstance(value, bool | int | float | np.number | np.bool_)
        and all(name in info for info in infos)
    ]
    return {name: np.array([float(info[name]) for info in infos]) for name in names}
