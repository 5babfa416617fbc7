"""What every planner shares: the problem, the solution, and the interface of an agent."""

from typing import Any, ClassVar

import gymnasium
import numpy as np

from rlkit.agents.configuring import make_config, make_env
from rlkit.agents.planning.bounds import certify, leaks, undiscounted_bound
from rlkit.agents.saving import Saved
from rlkit.arrays import Array, Bools, Floats, Ints
from rlkit.mdp import MDP
from rlkit.model import TabularModel
from rlkit.policy import TabularPolicy
from rlkit.solution import Solution


class ConvergenceError(ArithmeticError):
    """A planner stopped before its certificate held; the message says how far it came."""


class Planner(Saved):
    """An agent that computes its policy from the model instead of learning it.

    Args:
        problem: A `TabularModel`, an `MDP`, an environment with a model, or its id.
        seed: Part of the common interface; planning draws nothing.
        settings: Hyper-parameters, see the planner's configuration.

    Raises:
        TypeError: If there is no model, or a hyper-parameter is unknown.
    """

    Config: ClassVar[type[Any]]

    def __init__(self, problem: Any, *, seed: int = 0, **settings: Any) -> None:
        del seed
        self.config = make_config(self.Config, settings)
        self.env: gymnasium.Env[Any, Any] | None = None
        if isinstance(problem, TabularModel):
            model = problem
        elif isinstance(problem, MDP):
            model = TabularModel.from_mdp(problem)
        else:
            self.env = make_env(problem)
            model = TabularModel.from_env(self.env)
        given = self.config.discount
        self.model = model if given is None else model.with_discount(given)
        self.num_timesteps = 0
        self.solution: Solution | None = None

    @property
    def discount(self) -> float:
        """The discount that is planned for."""
        return self.model.discount

    @property
    def policy(self) -> TabularPolicy:
        """The optimal policy; solved for on first use."""
        return (self.solution or self.solve()).policy

    def solve(self) -> Solution:
        """Solve the problem.

        Raises:
            ValueError: At discount 1, if a policy is paid forever, so that values are infinite.
            ConvergenceError: If `max_iterations` did not suffice.
        """
        raise NotImplementedError

    def learn(
        self,
        total_timesteps: int | None = None,
        *,
        progress_bar: bool = False,
        callback: Any = None,
    ) -> "Planner":
        """Solve the problem; planning takes no steps in the environment."""
        del total_timesteps, progress_bar
        if self.solution is None:
            self.solve()
        if callback is not None:
            from rlkit.agents.learning import Progress

            callback(Progress(0, 0, self))
        return self

    def predict(
        self,
        observation: Any,
        state: Any = None,
        episode_start: Any = None,
        deterministic: bool = False,
        action_masks: Array | None = None,
    ) -> tuple[Any, Any]:
        """Return the optimal action of a state index, or an array of them for a batch."""
        del episode_start, deterministic, action_masks
        actions = self.policy.actions[np.asarray(observation)]
        return (np.int64(actions) if np.ndim(actions) == 0 else actions), state

    def state_dict(self) -> dict[str, Array]:
        """Return the solution as arrays."""
        solution = self.solution or self.solve()
        return {
            "values": solution.values,
            "q": solution.q,
            "policy": solution.policy.table,
            "numbers": np.array([solution.iterations, solution.residual, solution.bound]),
        }

    def load_state_dict(self, state: dict[str, Array]) -> None:
        """Take over a solution.

        Raises:
            ValueError: If it is of another problem.
        """
        if state["q"].shape != self.model.R.shape:
            raise ValueError(
                f"the saved solution has {state['q'].shape} states and actions; this problem has "
                f"{self.model.R.shape}"
            )
        iterations, residual, bound = state["numbers"]
        policy = TabularPolicy(state["policy"], self.model.num_actions)
        self.solution = Solution(
            state["values"], state["q"], policy, int(iterations), float(residual), float(bound)
        )

    def _finish(self, values: Floats, policy: Ints, iterations: int) -> Solution:
        """Return the solution that `values` amount to, certified by one more backup."""
        from rlkit.agents.planning.kernels import backup

        model = self.model
        out = np.empty_like(values)
        least, largest = backup(*arguments(model), values, out, policy)
        shift, bound = certify(least, largest, model.discount, leaking=leaks(model))
        residual = max(-least, largest) if np.isfinite(least) else 0.0
        if model.discount == 1:
            bound = undiscounted_bound(model, values, policy)
            out = values
        elif shift:
            out = np.where(model.over, 0.0, out + shift)
        q = model.R + model.discount * (model.P @ out).reshape(model.R.shape)
        q[~model.legal] = -np.inf
        q[model.over] = np.where(model.legal[model.over], 0.0, -np.inf)
        table = TabularPolicy(policy, model.num_actions)
        self.solution = Solution(out, q, table, iterations, float(residual), float(bound))
        return self.solution


def arguments(model: TabularModel) -> tuple[tuple[Any, Any, Any], Floats, Bools, Bools, float]:
    """Return what every kernel takes first: rows, R, legal, over, discount."""
    rows = (model.P.indptr, model.P.indices, model.P.data)
    return rows, model.R, model.legal, model.over, model.discount


def first_policy(model: TabularModel) -> Ints:
    """Return the first legal action of every state."""
    return np.asarray(model.legal.argmax(axis=1))


def refuse_improper(model: TabularModel) -> None:
    """Refuse a problem at discount 1 in which the uniform policy is paid forever."""
    if model.discount < 1:
        return
    from rlkit.linear import policy_system, solve_values

    uniform = model.legal / np.maximum(model.legal.sum(axis=1, keepdims=True), 1)
    solve_values(*policy_system(model, TabularPolicy(uniform)), 1.0)


def too_slow(name: str, iterations: int, bound: float, tolerance: float) -> ConvergenceError:
    """Return the error of a planner that ran out of iterations."""
    return ConvergenceError(
        f"{name} stopped after {iterations:,} iterations with the bound {bound:.3g}, short of the "
        f"tolerance {tolerance:g}. Raise max_iterations or tolerance, or use policy-iteration."
    )
