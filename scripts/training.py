"""One training: learn, measure, write metrics and checkpoints, and stop cleanly when asked to."""

from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import Any

from rlkit.checkpoint import WriteError
from rlkit.loading import environment
from rlkit.scripts.common import interruptible
from rlkit.scripts.evaluate import measure
from rlkit.scripts.judging import Judge
from rlkit.scripts.runs import Run

LOG_POINTS = 20
EPISODES = 20
"""Where nothing can be computed, so many episodes are played for each row of metrics."""


@dataclass(frozen=True)
class EarlyStop:
    """When a training has learned enough before all its steps; it counts from where it began.

    For errors that fall while a network is trained, see `rlkit.nets.EarlyStopping`.
    """

    goal: float = inf
    """A value of the greedy policy that is enough."""
    patience: int | None = None
    """Measurements in a row that may fail to be better than all before; None never gives up."""

    def reason(self, values: list[float]) -> str | None:
        """Return why to stop after the values measured so far, or None to go on."""
        if values[-1] >= self.goal:
            return f"the value {values[-1]:.4g} reaches the goal of {self.goal:g}"
        best = max(values)
        since = len(values) - 1 - values.index(best)
        if self.patience is not None and since >= self.patience:
            return f"no better value than {best:.4g} in {self.patience} measurements"
        return None


@dataclass(frozen=True)
class Trained:
    """How a training ended: where it is, how far it came, and its last row of metrics."""

    folder: Path
    step: int
    target: int
    measured: dict[str, float]
    stopped: str | None = None
    """Why it stopped early, if it did."""

    @property
    def complete(self) -> bool:
        """Whether it came as far as it should."""
        return self.step >= self.target


def train(
    begin: Callable[[], tuple[Run, Any]], steps: int, stop: EarlyStop, *, shown: bool
) -> Trained:
    """Learn with metrics and checkpoints; an interruption leaves a checkpoint at any moment.

    Args:
        begin: Makes or opens the run and its agent.
        steps: Steps to learn for, at most.
        stop: When fewer are enough.
        shown: Whether to show a progress bar.
    """
    with interruptible() as interrupted:
        run, agent = begin()
        record = _Record(run, agent, steps, stop, interrupted)
        try:
            agent.learn(steps, progress_bar=shown, callback=record)
            record.save()
        except (WriteError, OSError) as error:
            raise record.broken(error) from error
        complete = not interrupted() or agent.num_timesteps >= record.target
        if complete:
            run.write_evaluation(measure(agent, record.meter.env, run.config["agent"]))
        run.draw_curve(record.meter.optimum)
        step = agent.num_timesteps
        target = step if complete else record.target
        return Trained(run.folder, step, target, record.measured, record.stopped)


class _Record:
    """The callback of a training: measures and saves every so many steps."""

    def __init__(
        self, run: Run, agent: Any, steps: int, stop: EarlyStop, interrupted: Callable[[], bool]
    ) -> None:
        self.run, self.agent, self.stop = run, agent, stop
        self.stopped: str | None = None
        self._values: list[float] = []
        self.target = agent.num_timesteps + steps
        self.measured: dict[str, float] = {}
        self._interrupted = interrupted
        self._every = max(steps // LOG_POINTS, 1)
        self._logged = agent.num_timesteps
        self._saved = -1
        if agent.num_timesteps == 0:
            self.save()  # so that a run can be resumed from its first moment on
        self.meter = Meter(agent, environment(run.config["environment"], run.folder))

    def __call__(self, progress: Any) -> bool:
        """Return whether to go on."""
        if progress.step - self._logged >= self._every or progress.step >= progress.target:
            self._logged = progress.step
            self.measured = self.meter.measure()
            told = getattr(self.agent, "metrics", {})
            self.run.log({"step": progress.step, **self.measured, **told})
            self.save(self.measured["value"])
            self._values.append(self.measured["value"])
            self.stopped = self.stop.reason(self._values)
        return self.stopped is None and not self._interrupted()

    def broken(self, error: Exception) -> WriteError:
        """Return the error of a run that cannot be written on, with the way to go on."""
        return WriteError(
            f"{error}\nMake room, then go on with\n"
            f"  rlkit train --resume {self.run.folder} --steps {self.target - self._saved}"
        )

    def save(self, score: float | None = None) -> None:
        """Write a checkpoint, if there is none of this step."""
        if self._saved != self.agent.num_timesteps:
            self.run.save(self.agent, score)
            self._saved = self.agent.num_timesteps


class Meter:
    """Measures a learner: exactly where its environment has a model of moderate size.

    Args:
        agent: The learner.
        env: An environment of its own to play in.
    """

    def __init__(self, agent: Any, env: Any) -> None:
        self.agent, self.env = agent, env
        self.judge = Judge.of(env, agent.discount)

    @property
    def optimum(self) -> float | None:
        """The best possible value, where it can be computed."""
        return None if self.judge is None else self.judge.optimum

    def measure(self) -> dict[str, float]:
        """Return what the greedy policy is worth: computed with its regret, or else sampled."""
        figures = None if self.judge is None else self.judge(self.agent.policy)
        if figures is not None:
            return figures
        from rlkit.evaluation import evaluate

        return {"value": float(evaluate(self.agent, self.env, EPISODES).returns.mean())}
