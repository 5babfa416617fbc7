"""Many dialogues of the handcrafted policy in one condition, with what was said in them."""

from dataclasses import dataclass

import numpy as np

from rlkit.arrays import Array, Floats
from rlkit.envs.cabin.assistant.handcrafted import choose_many
from rlkit.envs.cabin.simulator.simulator import RESET, SKIP, Simulator
from rlkit.envs.cabin.state.acts import INFORM, NO_OTHER_VENUE, NO_VENUE, SYSTEM_ACTS, USER_ACTS
from rlkit.envs.cabin.state.tables import Tables
from rlkit.randomness import derive
from rlkit.statistics import Estimate

OFFER, ANSWER, NOTHING_FOUND = "offer or alternative", "answer with a private attribute", "no venue"


@dataclass(frozen=True)
class Dialogues:
    """What happened in N dialogues, one entry each."""

    success: Floats
    """`(N,)`, 0 or 1."""
    returns: Floats
    """`(N,)`, undiscounted."""
    turns: Floats
    """`(N,)`."""
    system: dict[str, float]
    """Acts of the assistant per dialogue, by kind."""
    user: dict[str, float]
    """Acts of the driver per dialogue, by kind."""


def play(tables: Tables, count: int, seed: int, *path: int | str) -> Dialogues:
    """Play `count` dialogues.

    Args:
        tables: The ontology and scenario.
        count: Number of dialogues.
        seed: Dialogue i has the random stream `derive(seed, *path, i)`.
        path: See `seed`.
    """
    simulator = Simulator(tables, count)
    simulator.seed([derive(seed, *path, i) for i in range(count)])
    record, outputs = simulator.record, simulator.new_outputs()
    actions = np.full(count, RESET)
    simulator.advance(actions, outputs)
    returns = np.zeros(count)
    system, user = np.zeros(len(SYSTEM_ACTS)), np.zeros(len(USER_ACTS))
    answers = 0
    user += _kinds(record["said"], len(USER_ACTS))
    while not record["ended"].all():
        live = ~record["ended"]
        choose_many(simulator.tables, simulator.state, actions, 0, count)
        actions[~live] = SKIP
        simulator.advance(actions, outputs)
        returns[live] += outputs.reward[live]
        system += _kinds(record["system"][live], len(SYSTEM_ACTS))
        answers += _answers(record["system"][live], int(tables.rules[0]["slots"]))
        user += _kinds(record["said"][live & ~record["ended"]], len(USER_ACTS))
    simulator.close()
    return Dialogues(
        success=record["success"].astype(np.float64),
        returns=returns,
        turns=record["turn"].astype(np.float64),
        system=_system_acts(system / count, answers / count),
        user=dict(zip(USER_ACTS, (user / count).tolist(), strict=True)),
    )


def interval(values: Floats) -> Estimate:
    """Return the mean over tables with Student's 95 % interval; values `(tables,)`."""
    from scipy.stats import t

    mean = float(values.mean())
    error = float(values.std(ddof=1)) / np.sqrt(len(values))
    half = float(t.ppf(0.975, len(values) - 1)) * error
    return Estimate(mean, mean - half, mean + half)


def by_table(played: list[Dialogues], measure: str) -> Floats:
    """Return a measure of every table, `(tables,)`; success in percent."""
    columns = {
        "success": [100.0 * one.success.mean() for one in played],
        "reward": [one.returns.mean() for one in played],
        "turns": [one.turns.mean() for one in played],
    }
    return np.array(columns[measure])


def _kinds(acts: Array, count: int) -> Array:
    """Count act types."""
    return np.bincount(acts[:, 0], minlength=count)


def _answers(acts: Array, name: int) -> int:
    """Count the informs that state something that only the driver may ask."""
    items = np.arange((acts.shape[1] - 2) // 2) < acts[:, 1:2]
    private = (items & (acts[:, 2::2] > name)).any(axis=1)
    return int((private & (acts[:, 0] == INFORM)).sum())


def _system_acts(rates: Array, answers: float) -> dict[str, float]:
    """Name the assistant's acts, with informs told apart."""
    named = dict(zip(SYSTEM_ACTS, rates.tolist(), strict=True))
    named[OFFER], named[ANSWER] = named[SYSTEM_ACTS[INFORM]] - answers, answers
    named[NOTHING_FOUND] = named[SYSTEM_ACTS[NO_VENUE]] + named[SYSTEM_ACTS[NO_OTHER_VENUE]]
    return named
