"""What a policy is worth: played, and computed where its environment has a model."""

from collections.abc import Callable
from functools import cached_property
from typing import Any

from rlkit.evaluation import LONGEST_EPISODE, evaluate
from rlkit.policy import TabularPolicy
from rlkit.scripts.common import exact_model, tabulated


class ExactJudge:
    """Computes value, regret and success; where the environment has a step limit, also within it.

    Args:
        env: The environment.
        model: Its exact model.
    """

    def __init__(self, env: Any, model: Any) -> None:
        self.env, self.model = env, model
        self.limit: int | None = env.spec.max_episode_steps if env.spec else None

    @cached_property
    def optimum(self) -> float:
        """The best possible value without a limit."""
        return self._optimum(None)

    @cached_property
    def limited_optimum(self) -> float:
        """The best possible value within the step limit, by a policy that knows the time left."""
        return self._optimum(self.limit)

    def _optimum(self, limit: int | None) -> float:
        from rlkit.exact import optimal_value

        return optimal_value(self.model, limit)

    @classmethod
    def of(cls, env: Any, discount: float | None = None) -> "ExactJudge | None":
        """Return the judge of an environment, or None if it has no model of moderate size."""
        model = exact_model(env, discount)
        return None if model is None else cls(env, model)

    def __call__(self, policy: Any) -> dict[str, float] | None:
        """Return `value`, `regret` and, where it is known what a success is, `success`.

        With a step limit there are `limited_value`, `limited_regret` and `limited_success` too:
        an episode that is cut earns nothing more, and the optimum knows the time that is left.
        None for a policy that cannot be put in a table, such as one with memory.
        """
        table = tabulated(policy, self.env, self.model)
        return None if table is None else self._all_figures(table)

    def _all_figures(self, policy: TabularPolicy) -> dict[str, float]:
        figures = self._figures(policy, None, self.optimum)
        if self.limit is not None:
            limited = self._figures(policy, self.limit, self.limited_optimum)
            figures |= {f"limited_{name}": figure for name, figure in limited.items()}
        return figures

    def _figures(
        self, policy: TabularPolicy, limit: int | None, optimum: float
    ) -> dict[str, float]:
        from rlkit.exact import evaluate_exactly

        found = evaluate_exactly(self.model, policy, limit=limit, optimum=optimum)
        figures = {"value": found.value, "regret": found.regret}
        return figures if found.success is None else figures | {"success": found.success}


def measure(
    player: Any,
    env: Any,
    name: str,
    episodes: int = 100,
    seed: int | None = None,
    tick: Callable[[int], None] | None = None,
    discount: float | None = None,
    longest_episode: int = LONGEST_EPISODE,
) -> dict[str, Any]:
    """Play episodes; return what `--json` prints: means with intervals, and exact values.

    All of it is under one discount, which the answer names.

    Args:
        player: A policy or an agent.
        env: A single environment.
        name: The player's name.
        episodes: How many.
        seed: Names the test, see `rlkit.evaluate`; the player's own by default, else 0.
        tick: Called with the number of finished episodes.
        discount: To judge by; the player's own by default, else the environment's, else .99.
        longest_episode: See `rlkit.evaluate`.
    """
    played = evaluate(player, env, episodes, seed, tick, discount, longest_episode)
    return {
        "env": env.spec.id,
        "agent": name,
        "episodes": episodes,
        "discount": played.discount,
        **played.as_json(),
        **exact_figures(player, env, played.discount),
    }


def exact_figures(player: Any, env: Any, discount: float) -> dict[str, float]:
    """Return what a tabular policy is worth, computed, where there is a model."""
    judge = ExactJudge.of(env, discount)
    figures = None if judge is None else judge(getattr(player, "policy", player))
    return {f"exact_{name}": figure for name, figure in (figures or {}).items()}
