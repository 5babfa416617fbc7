"""One training: learn, measure, write metrics and checkpoints, and stop cleanly when asked to."""

from collections.abc import Callable
from dataclasses import dataclass
from math import inf, isnan
from pathlib import Path
from typing import Any

from rlkit.checkpoint import WriteError
from rlkit.evaluation import evaluate
from rlkit.loading import environment
from rlkit.loop import CUT
from rlkit.roles import for_validation, own_seed
from rlkit.scripts.common import UserError, interruptible
from rlkit.scripts.runs.folder import COMPLETE, DISCOUNT, Run, seed_of
from rlkit.scripts.runs.judging import ExactJudge, measure

LOG_POINTS = 20
EPISODES = 20
"""Where nothing can be computed, so many episodes of each kind are played for a row of metrics."""
VALIDATION = "validation"
"""The column that the best checkpoint is chosen by, where `value` is sampled."""


@dataclass(frozen=True)
class EarlyStop:
    """When a training has learned enough before all its steps; it counts from where it began.

    Where values are sampled, they are those on validation episodes: what is reported is played on
    others. A value that is NaN is never the best.

    For errors that fall while a network is trained, see `rlkit.nets.EarlyStopping`.
    """

    goal: float = inf
    """A value of the greedy policy that is enough."""
    patience: int | None = None
    """Measurements in a row that may fail to be better than all before; None never gives up."""
    episodes: int | None = None
    """Finished episodes that are enough; None does not count them."""

    def reason(self, values: list[float]) -> str | None:
        """Return why to stop after the values measured so far, or None to go on."""
        if values[-1] >= self.goal:
            return f"the value {values[-1]:.4g} reaches the goal of {self.goal:g}"
        known = [-inf if isnan(value) else value for value in values]
        best = max(known)
        since = len(known) - 1 - known.index(best)
        if self.patience is not None and since >= self.patience:
            return f"no better value than {best:.4g} in {self.patience} measurements"
        return None

    def played_enough(self, episodes: int) -> bool:
        """Return whether so many finished episodes are enough."""
        return self.episodes is not None and episodes >= self.episodes


@dataclass(frozen=True)
class RunResult:
    """How a training ended: where it is, how far it came, and its last row of metrics."""

    folder: Path
    step: int
    target: int
    measured: dict[str, float]
    stopped: str | None = None
    """Why it stopped early, if it did."""
    preset: str | None = None
    """The settings that its agent began with, if not its own defaults."""

    @property
    def complete(self) -> bool:
        """Whether it came as far as it should."""
        return self.step >= self.target


def run_training(
    begin: Callable[[], tuple[Run, Any]], steps: int, stop: EarlyStop, *, shown: bool
) -> RunResult:
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
            seed = seed_of(run.config)
            run.write_evaluation(measure(agent, record.meter.env, run.config["agent"], seed=seed))
            run.end(record.stopped or COMPLETE)
        run.draw_curve(record.meter.optimum)
        step, preset = agent.num_timesteps, run.config.get("preset")
        target = step if complete else record.target
        return RunResult(run.folder, step, target, record.measured, record.stopped, preset)


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
        self._played = 0 if stop.episodes is None else finished_episodes(agent)
        if agent.num_timesteps == 0:
            self.save()  # so that a run can be resumed from its first moment on
        env = environment(run.config["environment"], run.folder)
        self.meter = Meter(agent, env, seed_of(run.config))

    def __call__(self, progress: Any) -> bool:
        """Return whether to go on."""
        over = self.stop.played_enough(self._episodes())
        if over or progress.step - self._logged >= self._every or progress.step >= progress.target:
            self._logged = progress.step
            self.measured = self.meter.measure()
            told = getattr(self.agent, "metrics", {})
            self.run.log({"step": progress.step, **self.measured, **told})
            score = self.measured.get(VALIDATION, self.measured["value"])
            self.save(score)
            self._values.append(score)
            self.stopped = self.stop.reason(self._values)
            if over:
                self.stopped = f"{self.stop.episodes:,} episodes have been played"
        return self.stopped is None and not self._interrupted()

    def _episodes(self) -> int:
        """Return how many episodes were finished since it began; 0 where nobody asks."""
        return 0 if self.stop.episodes is None else finished_episodes(self.agent) - self._played

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


def finished_episodes(agent: Any) -> int:
    """Return how many episodes an agent with a network has finished in learning.

    Raises:
        UserError: For an agent that does not count them.
    """
    episodes = getattr(getattr(agent, "world", agent), "episodes", None)
    if episodes is None:
        raise UserError(f"{type(agent).__name__} does not count its episodes; leave out --episodes")
    return int(episodes)


class Meter:
    """Measures a learner: exactly where its environment has a model of moderate size.

    Args:
        agent: The learner.
        env: An environment of its own to play in.
        seed: Of the training; by default what the learner says.
    """

    def __init__(self, agent: Any, env: Any, seed: int | None = None) -> None:
        self.agent, self.env = agent, env
        self.seed = own_seed(agent) if seed is None else seed
        self.judge = ExactJudge.of(env, agent.discount)

    @property
    def optimum(self) -> float | None:
        """The best possible value, where it can be computed."""
        return None if self.judge is None else self.judge.optimum

    @property
    def discount(self) -> float:
        """The discount of `value`: the learner's where there is a model, else 1."""
        return 1.0 if self.judge is None else float(self.agent.discount)

    def measure(self) -> dict[str, float]:
        """Return what the greedy policy is worth: computed with its regret, or else sampled.

        What is sampled is a `value` to report, and a `validation` on other episodes to choose by;
        with a `cut`, the share of the reported episodes that were cut because they went on, where
        there is any. `discount` is that of all these figures.
        """
        figures = None if self.judge is None else self.judge(self.agent.policy)
        if figures is None:
            figures = self._sampled()
        return {**figures, DISCOUNT: self.discount}

    def _sampled(self) -> dict[str, float]:
        chosen_by, reported = (
            evaluate(self.agent, self.env, EPISODES, seed, discount=self.discount)
            for seed in (for_validation(self.seed), self.seed)
        )
        cut = {CUT: float(reported.reports[CUT].mean())} if CUT in reported.reports else {}
        worth = {"value": reported, VALIDATION: chosen_by}
        return {name: float(told.discounted.mean()) for name, told in worth.items()} | cut
