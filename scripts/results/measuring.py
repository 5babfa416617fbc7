"""Measure every agent in every scenario, cell by cell, and write the page of results."""

import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from rlkit.agents.presets import Preset
from rlkit.checkpoint import write_json
from rlkit.names import unknown
from rlkit.scripts.arguments import Whole
from rlkit.scripts.common import UserError, command, print_json
from rlkit.scripts.results.players import roster
from rlkit.scripts.runs.judging import ExactJudge
from rlkit.scripts.runs.training import EarlyStop, finished_episodes

CELLS, PAGE = Path("studies/results/data"), Path("docs/results.md")
"""In a checkout: the files of the cells, and the page that is written from them."""
CURVE_POINTS = 10


@dataclass(frozen=True)
class Cell:
    """One player in one environment with one seed."""

    environment: str
    player: str
    preset: Preset | None
    """What it trains with; None for the rules, which do not learn."""
    seed: int

    def path(self, folder: Path) -> Path:
        """Return the file of its results."""
        name = self.environment.rpartition("/")[2]
        return folder / name / self.player / f"seed-{self.seed}.json"


@dataclass
class Results:
    """Measure every agent in every cabin, a JSON file a cell, and write a page of tables.

    A cell is one player, in one environment, with one seed. Cells that are there are kept, so that
    the command goes on where it was interrupted; delete a file to measure it anew. All of them take
    many hours.
    """

    out: Path | None = None
    """The folder of the cells; in a checkout of the project studies/results/data by default."""
    page: Path | None = None
    """The page to write: docs/results.md in a checkout by default, else OUT/results.md."""
    scenarios: list[str] = field(default_factory=list)
    """Ids of environments; all by default."""
    players: list[str] = field(default_factory=list)
    """Names of players; all by default."""
    seeds: int = 5
    """Seeds of each cell, from 0 on."""
    steps: Whole | None = None
    """Train for so many steps at most, for a trial; those of its preset by default."""
    episodes: Whole = 500
    """Episodes of an evaluation."""
    jobs: int = 1
    """How many cells are measured at the same time, each in a process of its own."""
    json: bool = False
    """Print one machine-readable line last."""

    def main(self) -> None:
        """Measure and write."""
        from rlkit.agents.progress import bar
        from rlkit.scripts.results.page import write

        if min(self.seeds, self.episodes, self.jobs) < 1:
            raise UserError("--seeds, --episodes and --jobs must be at least 1")
        cells, (out, page) = list(self.cells()), self._places()
        waiting = [cell for cell in cells if not cell.path(out).exists()]
        with bar(len(waiting), "measuring", shown=not self.json) as advance:
            for count, (cell, measured) in enumerate(self._measured(waiting), 1):
                path = cell.path(out)
                path.parent.mkdir(parents=True, exist_ok=True)
                write_json(path, measured)
                advance(count)
        write(page, out)
        if self.json:
            print_json({"measured": len(waiting), "cells": len(cells), "page": str(page)})

    def _places(self) -> tuple[Path, Path]:
        """Return the folder of the cells, and the page.

        Raises:
            UserError: If no folder is named, and there is none as in a checkout.
        """
        if self.out is not None:
            return self.out, self.page or self.out / PAGE.name
        if not CELLS.is_dir():
            raise UserError(
                f"there is no {CELLS} in this folder, where a checkout of the project keeps what "
                "was measured; name a folder for it with --out, which is made if it is not there"
            )
        return CELLS, self.page or PAGE

    def _measured(self, cells: list[Cell]) -> Iterator[tuple[Cell, dict[str, Any]]]:
        """Yield every cell with its measurement, as soon as it has come."""
        if self.jobs == 1:
            for cell in cells:
                yield cell, measure_cell(cell, self.steps, self.episodes)
            return
        with ProcessPoolExecutor(self.jobs, mp_context=get_context("spawn")) as pool:
            asked = {
                pool.submit(measure_cell, cell, self.steps, self.episodes): cell for cell in cells
            }
            try:
                for done in as_completed(asked):
                    yield asked[done], done.result()
            finally:
                pool.shutdown(wait=False, cancel_futures=True)

    def cells(self) -> Iterator[Cell]:
        """Yield the chosen cells, seed by seed, so that all players advance together."""
        known = roster()
        for wanted in self.scenarios:
            if wanted not in known:
                raise UserError(unknown("scenario", wanted, known))
        names = {name for name in self.scenarios or known for name in known[name]}
        for wanted in self.players:
            if wanted not in names:
                raise UserError(unknown("player", wanted, names))
        for seed in range(self.seeds):
            for environment in self.scenarios or known:
                for player, preset in known[environment].items():
                    if not self.players or player in self.players:
                        yield Cell(environment, player, preset, seed)


def measure_cell(cell: Cell, steps: int | None, episodes: int) -> dict[str, Any]:
    """Train and evaluate one cell.

    Args:
        cell: The cell.
        steps: Of training at most; None takes the preset's.
        episodes: Of the evaluation.

    Returns:
        What the page is written from: budget, settings, curve and evaluation.
    """
    import gymnasium

    from rlkit.discounts import discount_of
    from rlkit.scripts.common import make_player
    from rlkit.scripts.runs.judging import measure

    began, preset = time.process_time(), cell.preset
    env = gymnasium.make(cell.environment, **({} if preset is None else preset.arguments))
    learner = None if preset is None else _Learner(preset, cell.seed, env, steps, episodes)
    playing = make_player(cell.player, env) if learner is None else learner.trained()
    discount = discount_of(env)  # of the environment, and so the same for all its players
    test = measure(playing, env, cell.player, episodes, cell.seed, discount=discount)
    env.close()
    return {
        "environment": cell.environment,
        "player": cell.player,
        "seed": cell.seed,
        "agent": cell.player if preset is None else preset.agent,
        "settings": {} if preset is None else preset.settings,
        "training_arguments": {} if preset is None else preset.training_arguments,
        "steps": 0 if learner is None else learner.steps,
        "trained_episodes": 0 if learner is None else learner.episodes,
        "cpu_seconds": round(time.process_time() - began, 1),
        "curve": [] if learner is None else learner.curve,
        "evaluation": test,
    }


class _Learner:
    """Trains the agent of a preset and draws its curve.

    Attributes:
        steps: Trained so far.
        episodes: Finished in training so far.
        curve: Rows of steps and what the greedy policy is worth.
    """

    def __init__(
        self, preset: Preset, seed: int, env: Any, steps: int | None, episodes: int
    ) -> None:
        self.preset, self.seed, self.env = preset, seed, env
        self.budget = steps or preset.steps
        self.steps = self.episodes = 0
        self.curve: list[tuple[int, float]] = []
        self._stop = EarlyStop(episodes=preset.episodes)
        self._tested = max(episodes // 5, 1)
        self._judge = ExactJudge.of(env)  # under the environment's discount

    def trained(self) -> Any:
        """Return the trained agent."""
        import gymnasium

        from rlkit.agents.making import make as make_agent

        preset = self.preset
        env = gymnasium.make(preset.environment, **preset.training_arguments)
        agent = make_agent(preset.agent, env, seed=self.seed, **preset.with_settings({}))
        agent.learn(self.budget, callback=self._look)
        return agent

    def _look(self, progress: Any) -> bool:
        """Note the curve; return whether to go on."""
        self.steps, self.episodes = progress.step, finished_episodes(progress.agent)
        over = self._stop.played_enough(self.episodes)
        due = (len(self.curve) + 1) * self.budget // CURVE_POINTS
        if over or progress.step >= due:
            self.curve.append((progress.step, self._value(progress.agent)))
        return not over

    def _value(self, agent: Any) -> float:
        """Return what the greedy policy is worth, computed if there is a model, or else sampled."""
        from rlkit.evaluation import evaluate

        figures = None if self._judge is None else self._judge(agent.policy)
        if figures is not None:
            return figures["value"]
        return float(evaluate(agent, self.env, self._tested, self.seed).returns.mean())


if __name__ == "__main__":
    raise SystemExit(command(Results))
