"""What every planner shares: the problem, the solution, and the interface of an agent."""

import warnings
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import gymnasium
import numpy as np

from rlkit.agents.configuring import make_config, make_env
from rlkit.agents.learning import Callback, Progress
from rlkit.agents.planning.bounds import ROUNDING, Backup, Certificate
from rlkit.agents.saving import Saved
from rlkit.arrays import Array, Bools, Floats, Ints
from rlkit.checks import in_unit_interval
from rlkit.mdp import MDP
from rlkit.model import TabularModel
from rlkit.policy import TabularPolicy, checked_masks, checked_states
from rlkit.solution import Solution

Arguments = tuple[tuple[Any, Any, Any], Floats, Bools, Bools, float]
"""What every kernel takes first: rows of P, R, legal, over, discount."""
TIE = 1e-13
"""Actions whose values differ by less than this, relative to them, are as good as each other."""


class ConvergenceError(ArithmeticError):
    """A planner stopped before its certificate held; the message says how far it came."""


class PrecisionWarning(UserWarning):
    """The tolerance lies below what double precision can certify; the message has the bound."""


@dataclass(frozen=True)
class PlannerConfig:
    """Hyper-parameters that all planners have."""

    discount: float | None = None
    """In [0, 1]; None takes the problem's own."""
    tolerance: float = 1e-8
    """Certified distance to the optimum at which to stop, positive."""
    max_iterations: int = 10_000
    """Rounds after which to give up with an error, at least 1."""

    def __post_init__(self) -> None:
        if self.discount is not None:
            in_unit_interval("discount", self.discount)
        if not self.tolerance > 0:
            raise ValueError(f"tolerance must be positive, got {self.tolerance}")
        if self.max_iterations < 1:
            raise ValueError(f"max_iterations must be at least 1, got {self.max_iterations}")


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
        self.over: Bools = self.model.over
        self.num_timesteps = 0
        self.solution: Solution | None = None

    @property
    def discount(self) -> float:
        """The discount that is planned for."""
        return self.model.discount

    @property
    def arguments(self) -> Arguments:
        """What every kernel takes first: rows of P, R, legal, over, discount."""
        model = self.model
        rows = (unsigned(model.P.indptr), unsigned(model.P.indices), model.P.data)
        return rows, model.R, model.legal, self.over, model.discount

    @property
    def policy(self) -> TabularPolicy:
        """The optimal policy; solved for on first use."""
        return self._solved.policy

    def solve(self) -> Solution:
        """Solve the problem.

        At discount 1 the optimum is the best total reward of all policies that have one, whether
        they end or not (see `loops`).

        Returns:
            The solution, which is kept as `solution`. Its `bound` is certified: neither V* nor
            the values of `policy` are further from `values`, in any state.

        Raises:
            ValueError: At discount 1, if the optimum is infinite, or if in some state every
                policy pays for ever, so that it is minus infinity.
            ConvergenceError: If `max_iterations` did not suffice, or nothing can be certified.

        Warns:
            PrecisionWarning: If the tolerance is finer than double precision allows.
        """
        self.solution = self._solve_through_loops() if self.model.discount == 1 else self._solve()
        if self.solution.bound > self.config.tolerance:
            warnings.warn(
                f"{type(self).__name__} reached the bound {self.solution.bound:.3g}; rounding "
                f"forbids the tolerance {self.config.tolerance:g}",
                PrecisionWarning,
                stacklevel=2,
            )
        return self.solution

    def _solve_through_loops(self) -> Solution:
        """Solve the problem without its free loops, and return the solution of the whole."""
        from rlkit.agents.planning.loops import without_free_loops

        problem = without_free_loops(self.model)
        if problem is None:
            return self._solve()
        without = type(self)(problem.model, **{**vars(self.config), "discount": 1.0})._solve()
        values = problem.values(without.values)
        policy = problem.policy(without.policy.actions)
        bound = without.bound + problem.error + ROUNDING * float(np.abs(values).max())
        certificate = Certificate(0.0, bound, final=True, policy=policy)
        return self._solution(values, without.iterations, certificate)

    def _solve(self) -> Solution:
        raise NotImplementedError

    def learn(
        self,
        total_timesteps: float | None = None,
        *,
        progress_bar: bool = False,
        callback: Callback | None = None,
    ) -> Self:
        """Solve the problem; planning takes no steps in the environment."""
        del total_timesteps, progress_bar
        if self.solution is None:
            self.solve()
        if callback is not None:
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
        """Return optimal actions, of those that are allowed; see `rlkit.agent.Player`.

        Raises:
            ValueError: If an observation is no number of a state.
        """
        del episode_start, deterministic
        states = checked_states(observation, self.model.num_states)
        actions = self.policy.actions[states]
        if action_masks is not None:
            actions = self._best_allowed(states, actions, np.asarray(action_masks))
        return (np.int64(actions) if np.ndim(actions) == 0 else actions), state

    def state_dict(self) -> dict[str, Array]:
        """Return the solution as arrays."""
        solution = self._solved
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

    def _beginning(self) -> tuple[Any, tuple[Any, ...], dict[str, Any]]:
        return type(self), (self.model if self.env is None else self.env,), {}

    @property
    def _solved(self) -> Solution:
        return self.solution or self.solve()

    def _best_allowed(self, states: Ints, actions: Ints, masks: Array) -> Ints:
        """Return `actions`, and the best allowed ones where a mask forbids them."""
        count = self.model.num_actions
        allowed = checked_masks(masks, (*states.shape, count)).reshape(-1, count)
        q = self._solved.q[states].reshape(-1, count)
        best = np.where(allowed, q, -np.inf).argmax(axis=1)
        best = np.where(np.isfinite(q[np.arange(len(q)), best]), best, allowed.argmax(axis=1))
        kept = allowed[np.arange(len(q)), np.ravel(actions)]
        return np.asarray(np.where(kept, np.ravel(actions), best).reshape(states.shape))

    def _backup(
        self,
        values: Floats,
        out: Floats,
        policy: Ints,
        margin: float = TIE,
        rounding: float = ROUNDING,
    ) -> Backup:
        """Write TV to `out`, improve `policy`, and return what came of it."""
        from rlkit.agents.planning.kernels import backup

        noise = rounding * float(np.abs(values).max())
        return Backup(*backup(*self.arguments, values, out, policy, margin, noise))

    def _enough(self, certificate: Certificate) -> bool:
        """Return whether the tolerance is certified, or rounding forbids to come closer."""
        return certificate.final or certificate.bound <= self.config.tolerance

    def _solution(self, backed_up: Floats, iterations: int, certificate: Certificate) -> Solution:
        """Return the solution that the backup TV and its certificate amount to.

        Raises:
            ConvergenceError: If the certificate says nothing.
        """
        if not np.isfinite(certificate.bound):
            raise self._hidden_by_rounding()
        model, over = self.model, self.over
        values = np.where(over, 0.0, backed_up + certificate.shift)
        q = (model.P @ values).reshape(model.R.shape)
        q *= model.discount
        q += model.R
        q[over] = 0.0
        q[~model.legal] = -np.inf
        changes = np.abs(q.max(axis=1) - values)[~over]
        residual = float(changes.max()) if len(changes) else 0.0
        table = TabularPolicy(certificate.policy, model.num_actions)
        return Solution(values, q, table, iterations, residual, float(certificate.bound))

    def _hidden_by_rounding(self) -> ConvergenceError:
        return ConvergenceError(
            f"{type(self).__name__} cannot certify anything: this problem has loops that gain or "
            "cost so little that rounding hides it. Use a discount of 0.9999 or less: there is "
            "always a certificate for it."
        )

    def _too_slow(self, bound: float) -> ConvergenceError:
        config = self.config
        reached = f"with the bound {bound:.3g}" if np.isfinite(bound) else "without a bound"
        return ConvergenceError(
            f"{type(self).__name__} stopped after {config.max_iterations:,} iterations {reached}, "
            f"short of the tolerance {config.tolerance:g}; raise max_iterations or tolerance"
        )


def unsigned(indices: Array) -> Array:
    """Return non-negative integers as unsigned ones, without a copy."""
    return indices.view(np.dtype(f"u{indices.dtype.itemsize}"))


def legal_policy(model: TabularModel) -> Ints:
    """Return the first legal action of every state, `(S,)`."""
    return np.asarray(model.legal.argmax(axis=1))
