"""The page of results: tables and curves from the files of the cells."""

import json
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from rlkit.checkpoint import write_text
from rlkit.scripts.common import UserError
from rlkit.scripts.presets import training_command
from rlkit.scripts.results.players import BASELINE, roster
from rlkit.scripts.runs.curves import draw_curve
from rlkit.statistics import interquartile_mean, paired_difference, stratified_interval

QUANTITIES = {
    "success": ("success", 100.0, "%"),
    "interrupted": ("interrupted", 100.0, "%"),
    "return": ("reward", 1.0, ""),
    "length": ("turns", 1.0, ""),
    "risk": ("risk", 1.0, ""),
    "exact_regret": ("regret", 1.0, ""),
}
"""Columns: what an evaluation calls it, its heading, a factor and a unit."""
INTRODUCTION = (
    "Written by `rlkit results`, which measures what is missing, cell by cell. "
    "Numbers are interquartile means over seeds with stratified-bootstrap 95 % intervals "
    "(Agarwal et al. 2021); each seed is trained anew and its greedy policy evaluated on "
    "episodes that no training saw, other ones for each seed and the same for all its players. "
    "All learn with the [presets](agents/presets.md) that `rlkit train` takes: "
    "`rlkit results --scenarios ENVIRONMENT --players NAME` measures a line of a table, and the "
    "commands below the tables train its agents. "
    "Differences are means over pairs of equal seeds. The reward is the undiscounted return. "
    "PyTorch and BLAS round differently on another processor, so that trained anew there, the same "
    "seeds give other agents; expect differences as between seeds "
    "([what is the same everywhere](reproducibility.md))."
)
FINDINGS = "findings.md"
"""Beside the cells: what people read from their numbers, if they wrote it down."""
Cells = dict[str, dict[str, list[dict[str, Any]]]]
"""Environment to player to cells, by seed."""


def read(folder: Path) -> Cells:
    """Read the cells of a folder.

    Raises:
        UserError: If a file is damaged; the message names it.
    """
    found: Cells = defaultdict(lambda: defaultdict(list))
    for path in sorted(folder.glob("*/*/seed-*.json")):
        try:
            cell = json.loads(path.read_text(encoding="utf-8"))
            found[cell["environment"]][cell["player"]].append(cell)
        except (ValueError, KeyError) as error:
            raise UserError(
                f"{path} is no cell of results ({error}); delete it to measure it anew"
            ) from error
    for players in found.values():
        for cells in players.values():
            cells.sort(key=lambda cell: int(cell["seed"]))
    return {environment: _ordered(environment, found[environment]) for environment in sorted(found)}


def _ordered(environment: str, found: dict[str, Any]) -> dict[str, Any]:
    """Return the players of an environment in order, and unknown ones last."""
    order = dict.fromkeys([*roster().get(environment, ()), *found])
    return {name: found[name] for name in order if name in found}


def write(page: Path, folder: Path) -> None:
    """Write the page, and beside it a picture of each scenario's curves."""
    page.parent.mkdir(parents=True, exist_ok=True)
    lines = ["# Results", "", INTRODUCTION]
    if (folder / FINDINGS).exists():
        lines += ["", (folder / FINDINGS).read_text(encoding="utf-8").strip()]
    for environment, players in read(folder).items():
        lines += ["", *_section(environment, players)]
        curves = {name: _curve(cells) for name, cells in players.items() if cells[0]["curve"]}
        if curves:
            name = f"results-{environment.rpartition('/')[2]}.png"
            (page.parent / "images").mkdir(exist_ok=True)
            draw_curve(page.parent / "images" / name, curves, None)
            lines += ["", f"![Learning curves in {environment}](images/{name})"]
    write_text(page, "\n".join(lines) + "\n")


def _section(environment: str, players: dict[str, list[dict[str, Any]]]) -> Iterable[str]:
    """Return the heading and the tables of one scenario."""
    every = [cell for cells in players.values() for cell in cells]
    columns = [key for key in QUANTITIES if any(_counts(cell, key) for cell in every)]
    yield f"## {environment}"
    yield ""
    yield from table(players, columns)
    yield from _differences(players, columns)
    if "interrupted" in columns:
        yield from ("", "Interrupted: the drive was over first; success is of the other dialogues.")
    discounts = {cell["evaluation"].get("discount") for cell in every} - {None}
    if "exact_regret" in columns and discounts:
        named = " and ".join(f"{discount:g}" for discount in sorted(discounts))
        yield from ("", f"Regret is of returns discounted by {named}.")
    yield from _commands(environment, players)
    for name, cells in players.items():
        if "reward" in (own := cells[0].get("training_arguments", {})):
            yield from (
                "",
                f"{name} trained with the weights {own['reward']}, and is judged like the others.",
            )


def _commands(environment: str, shown: dict[str, list[dict[str, Any]]]) -> Iterable[str]:
    """Yield the commands that train the players anew, where they are known."""
    known = roster().get(environment, {})
    lines = [
        training_command(preset, len(shown[name]))
        for name, preset in known.items()
        if name in shown and preset is not None
    ]
    if lines:
        yield from ("", "To train one of them alone:", "", "```sh", *lines, "```")


def table(players: dict[str, list[dict[str, Any]]], columns: list[str]) -> Iterable[str]:
    """Return a table, a line a player: its seeds, its training, and estimates over the seeds.

    Args:
        players: Name to cells.
        columns: Keys of `QUANTITIES`.
    """
    yield from _heads("player", "seeds", "steps", "episodes", *map(_head, columns))
    for name, cells in players.items():
        texts = [_estimate(cells, key) for key in columns]
        budget = [f"{max(cell[key] for cell in cells):,}" for key in ("steps", "trained_episodes")]
        yield f"| {name} | {len(cells)} | {' | '.join([*budget, *texts])} |"


def _differences(players: dict[str, Any], columns: list[str]) -> Iterable[str]:
    """Return the table of differences to the baseline, if that was played."""
    if BASELINE not in players or len(players) == 1:
        return
    yield ""
    yield from _heads(f"less {BASELINE}", *map(_head, columns))
    for name, cells in players.items():
        if name != BASELINE:
            texts = [_difference(cells, players[BASELINE], key) for key in columns]
            yield f"| {name} | {' | '.join(texts)} |"


def _heads(*heads: str) -> Iterable[str]:
    yield f"| {' | '.join(heads)} |"
    yield "|---" * len(heads) + "|"


def _head(key: str) -> str:
    return " ".join(filter(None, (QUANTITIES[key][0], QUANTITIES[key][2])))


def _counts(cell: dict[str, Any], key: str) -> bool:
    """Return whether a cell has a quantity, and it is not always 0."""
    value = cell["evaluation"].get(key)
    return value is not None and (value["mean"] if isinstance(value, dict) else value) != 0


def values(cells: list[dict[str, Any]], key: str) -> dict[int, float]:
    """Return a quantity by seed, of the cells that have it."""
    found = {cell["seed"]: cell["evaluation"].get(key) for cell in cells}
    return {
        seed: float(value["mean"] if isinstance(value, dict) else value)
        for seed, value in found.items()
        if value is not None
    }


def _estimate(cells: list[dict[str, Any]], key: str) -> str:
    scores = np.array(list(values(cells, key).values())) * QUANTITIES[key][1]
    if not len(scores):
        return "-"
    if len(scores) == 1:
        return f"{scores[0]:.3g}"
    found = stratified_interval(scores[:, None], interquartile_mean)
    return f"{found.mean:.3g} [{found.low:.3g}, {found.high:.3g}]"


def _difference(cells: list[dict[str, Any]], baseline: list[dict[str, Any]], key: str) -> str:
    ours, theirs = values(cells, key), values(baseline, key)
    seeds = sorted(ours.keys() & theirs.keys())
    if len(seeds) < 2:  # one pair has no interval
        return "-"
    found = paired_difference([ours[s] for s in seeds], [theirs[s] for s in seeds])
    mean, low, high = (QUANTITIES[key][1] * value for value in (found.mean, found.low, found.high))
    return f"{mean:+.2g} [{low:+.2g}, {high:+.2g}]"


def _curve(cells: list[dict[str, Any]]) -> tuple[Any, Any]:
    """Return steps and returns `(seeds, points)`, as far as all seeds come."""
    points = min(len(cell["curve"]) for cell in cells)
    steps = [step for step, _ in cells[0]["curve"][:points]]
    return steps, np.array([[value for _, value in cell["curve"][:points]] for cell in cells])
