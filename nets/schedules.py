"""The chapter's schedules for optimizers. Chapter 7, section 7.2.

`schedule(t)` is the factor of alpha_0 after t updates, t = 0 for the first. It is a `lr_lambda` as
it stands; `lambda_lr` and `sb3_schedule` are the adapters. The schedules themselves, which our
agents take too, are those of `rlkit.schedules`.
"""

from collections.abc import Callable

from torch.optim import Optimizer
from torch.optim.lr_scheduler import LambdaLR

from rlkit.checks import not_negative, whole
from rlkit.schedules import (
    Cosine,
    Exponential,
    Held,
    InverseTime,
    NaturalExponential,
    Noam,
    PiecewiseConstant,
    Schedule,
    Triangular,
    WarmRestarts,
    WarmUp,
    value_at,
)

__all__ = [
    "Cosine",
    "Exponential",
    "Held",
    "InverseTime",
    "NaturalExponential",
    "Noam",
    "PiecewiseConstant",
    "Schedule",
    "Triangular",
    "WarmRestarts",
    "WarmUp",
    "lambda_lr",
    "sb3_schedule",
]


def lambda_lr(optimizer: Optimizer, schedule: Schedule, last_update: int = -1) -> LambdaLR:
    """Return a PyTorch scheduler that gives update t the rate alpha_0 schedule(t).

    Call its `step()` after each `optimizer.step()`, but not after the last one of a schedule that
    ends.

    Args:
        optimizer: Its rates are alpha_0.
        schedule: Any.
        last_update: Index of the last update done, -1 before the first; above -1 the groups need
            "initial_lr", as PyTorch says.
    """
    return LambdaLR(optimizer, schedule, last_epoch=last_update)


def sb3_schedule(rate: float, schedule: Schedule, updates: int) -> Callable[[float], float]:
    """Return a `learning_rate` for Stable-Baselines3: a function of the progress remaining, 1 to 0.

    SB3 reads it once a call of `train()`, which for PPO is once a rollout: a rise of less than that
    is never seen.

    Args:
        rate: alpha_0, not negative.
        schedule: Any that is defined up to `updates`; one without a length takes so many.
        updates: The t that stands for the end of training, positive.

    Raises:
        ValueError: If the rate is negative, or the schedule ends too early.
    """
    not_negative("rate", rate)
    if whole("updates", updates, 1) > schedule.end:
        raise ValueError(
            f"the schedule is defined for t in [0, {schedule.end}], got updates={updates}"
        )
    parameters = schedule.parameters(updates)

    def learning_rate(progress_remaining: float) -> float:
        done = min(max(1 - progress_remaining, 0.0), 1.0)  # the last rollout may overshoot
        return rate * value_at(parameters, round(done * updates), 1)

    return learning_rate
