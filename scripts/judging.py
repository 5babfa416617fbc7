"""What a policy is worth in an environment with a model: computed and not sampled."""

from typing import Any

from rlkit.scripts.common import exact_model


class Judge:
    """Computes value, regret and success; where the environment has a step limit, also within it.

    Args:
        env: The environment.
        model: Its exact model.

    Attributes:
        optimum: The best possible value without a limit.
    """

    def __init__(self, env: Any, model: Any) -> None:
        from rlkit.exact import optimal_value

        self.model = model
        self.limit: int | None = env.spec.max_episode_steps if env.spec else None
        self.optimum = optimal_value(model)
        self._limited = None if self.limit is None else optimal_value(model, self.limit)

    @classmethod
    def of(cls, env: Any, discount: float | None = None) -> "Judge | None":
        """Return the judge of an environment, or None if it has no model of moderate size."""
        model = exact_model(env, discount)
        return None if model is None else cls(env, model)

    def __call__(self, policy: Any) -> dict[str, float]:
        """Return `value`, `regret` and, where it is known what a success is, `success`.

        With a step limit there are `limited_value`, `limited_regret` and `limited_success` too:
        an episode that is cut earns nothing more, and the optimum knows the time that is left.
        """
        figures = self._figures(policy, None, self.optimum)
        if self.limit is not None:
            limited = self._figures(policy, self.limit, self._limited)
            figures |= {f"limited_{name}": figure for name, figure in limited.items()}
        return figures

    def _figures(self, policy: Any, limit: int | None, optimum: float | None) -> dict[str, float]:
        from rlkit.exact import evaluate_exactly

        found = evaluate_exactly(self.model, policy, limit=limit, optimum=optimum)
        figures = {"value": found.value, "regret": found.regret}
        return figures if found.success is None else figures | {"success": found.success}
