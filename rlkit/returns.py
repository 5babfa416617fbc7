"""Targets of reinforcement learning as pure functions, shared by tabular and deep agents.

They work alike on floats, NumPy arrays and torch tensors. Sequences have shape `[T, B]`, time
first; a list of T floats is one too. Flags are booleans, or 0 and 1. `terminated` says that an
episode really ended, so nothing follows; `cut` says that the sequence is interrupted there
(`terminated` or `truncated`), so nothing is propagated across. Truncation still bootstraps, from
`next_values`, the value of the final observation.
"""

from typing import Any


def bootstrap(terminated: Any, discount: float) -> Any:
    """Return the factor of the next value: 0 where the episode terminated, else `discount`."""
    return discount * _unless(terminated)


def td_target(reward: Any, next_value: Any, terminated: Any, discount: float) -> Any:
    """Return r + discount V(s') with V = 0 after termination (Sutton and Barto, eq. 6.2)."""
    return reward + bootstrap(terminated, discount) * next_value


def discounted_returns(
    rewards: Any, next_values: Any, terminated: Any, cut: Any, discount: float
) -> list[Any]:
    """Return G_t = r_t + discount G_{t+1}, bootstrapped where the sequence is cut or stops.

    Args:
        rewards: `[T, B]`.
        next_values: `[T, B]`, value of the observation after each step.
        terminated: `[T, B]` flags.
        cut: `[T, B]` flags: terminated or truncated.
        discount: In [0, 1].

    Returns:
        A list of T values of shape `[B]`.
    """
    return lambda_returns(rewards, next_values, terminated, cut, discount, 1.0)


def lambda_returns(
    rewards: Any, next_values: Any, terminated: Any, cut: Any, discount: float, lambda_: float
) -> list[Any]:
    """Return the lambda-returns (Sutton and Barto, eq. 12.2), computed backwards.

    G_t = r_t + discount [(1 - lambda) V(s_{t+1}) + lambda G_{t+1}]; see `discounted_returns` for
    the arguments.
    """
    following = next_values[-1]
    returns: list[Any] = [None] * len(rewards)
    for t in range(len(rewards) - 1, -1, -1):
        mixed = (1 - lambda_) * next_values[t] + lambda_ * following
        continued = cut[t] * next_values[t] + _unless(cut[t]) * mixed
        following = returns[t] = td_target(rewards[t], continued, terminated[t], discount)
    return returns


def n_step_returns(
    rewards: Any, next_values: Any, terminated: Any, cut: Any, discount: float, n: int
) -> list[Any]:
    """Return n-step returns (Sutton and Barto, eq. 7.1); shorter where the sequence is cut."""
    length = len(rewards)
    returns = []
    for t in range(length):
        last = min(t + n, length) - 1
        target = td_target(rewards[last], next_values[last], terminated[last], discount)
        for k in range(last - 1, t - 1, -1):
            own = td_target(rewards[k], next_values[k], terminated[k], discount)
            target = cut[k] * own + _unless(cut[k]) * (rewards[k] + discount * target)
        returns.append(target)
    return returns


def generalised_advantages(
    rewards: Any,
    values: Any,
    next_values: Any,
    terminated: Any,
    cut: Any,
    discount: float,
    lambda_: float,
) -> list[Any]:
    """Return GAE(lambda) advantages (Schulman et al. 2016, eq. 16).

    The TD error uses `terminated`, the recursion stops at `cut`: truncation is not an end.
    """
    advantage: Any = 0.0
    advantages: list[Any] = [None] * len(rewards)
    for t in range(len(rewards) - 1, -1, -1):
        delta = td_target(rewards[t], next_values[t], terminated[t], discount) - values[t]
        advantage = delta + discount * lambda_ * _unless(cut[t]) * advantage
        advantages[t] = advantage
    return advantages


def _unless(flag: Any) -> Any:
    """Return 0 where the flag holds, else 1; torch subtracts no booleans, so make it a number."""
    return 1.0 - 1.0 * flag
