"""Sutton and Barto, Example 6.2: the random walk, evaluated by TD(0) and Monte Carlo."""

from typing import Any

import gymnasium
import numpy as np

from rlkit import agents
from rlkit.agents.learning import Progress
from rlkit.agents.tabular.learner import CHUNKS
from rlkit.arrays import Floats
from rlkit.model import TabularModel
from studies.reproductions import Finding, Reproduction
from studies.reproductions.pictures import lines, panels

ENV = "rlkit/RandomWalk-v0"
SEEDS, EPISODES, EVERY = 100, 100, 6
"""Runs, episodes of each, and steps between two looks at the tables."""
INSIDE = np.s_[1:6]
TRUE = np.arange(1, 6) / 6
FIRST = 0.5
"""Every estimate at first."""
PUBLISHED = {
    ("TD", 0.05): 0.033,
    ("TD", 0.1): 0.055,
    ("TD", 0.15): 0.071,
    ("MC", 0.01): 0.094,
    ("MC", 0.02): 0.077,
    ("MC", 0.03): 0.088,
    ("MC", 0.04): 0.101,
}
"""Error after 100 episodes, simulated elsewhere, 100 runs."""
NOISE = 0.01
"""Of two means of 100 runs: their sum of three standard errors, at most."""


def reproduce() -> Reproduction:
    """Evaluate exactly, then learn with every step size of the book's figure."""
    model: TabularModel = gymnasium.make(ENV).unwrapped.model  # type: ignore[attr-defined]
    exact = model.evaluate(np.zeros(model.num_states, np.int64))[INSIDE]
    findings = [
        Finding(f"value of {name}", value, float(found), 1e-9)
        for name, value, found in zip("ABCDE", TRUE, exact, strict=True)
    ]
    findings.append(Finding("error at first", 0.23570, float(error(np.full((1, 5), FIRST))), 5e-6))
    curves = {}
    for (method, rate), expected in PUBLISHED.items():
        curves[method, rate] = errors(method, rate)
        reached = float(curves[method, rate][-1])
        what = f"{method}, step size {rate:g}: error after {EPISODES} episodes"
        findings.append(Finding(what, expected, reached, NOISE))
    return Reproduction(
        title="The random walk",
        source="Sutton and Barto, Example 6.2",
        text="Root mean squared error over the five states, a mean of 100 runs, for TD(0) and "
        "every-visit Monte Carlo with constant step sizes. An environment with one action turns "
        "SARSA into TD(0).",
        findings=findings,
        figure=_draw(curves),
    )


def error(values: Floats) -> float:
    """Return the root mean squared error over states `(runs, 5)`, averaged over runs."""
    return float(np.sqrt(((values - TRUE) ** 2).mean(axis=1)).mean())


def errors(method: str, rate: float) -> Floats:
    """Return the error after each number of episodes, `(EPISODES + 1,)`."""
    name = {"TD": "sarsa", "MC": "monte-carlo"}[method]
    more = {"every_visit": True} if method == "MC" else {}
    env = gymnasium.make(ENV, max_episode_steps=-1)
    agent: Any = agents.make(
        name, env, seeds=SEEDS, learning_rate=rate, initial_value=FIRST, epsilon=0.0, **more
    )
    tables = np.full(
        (EPISODES + 2, SEEDS, 5), np.nan
    )  # a look may find 101 after 99 (three steps an episode)
    tables[0] = FIRST

    def look(_: Progress) -> None:
        finished = np.array([table.episodes for table in agent.online])
        for k in np.flatnonzero(finished < len(tables)):
            tables[finished[k], k] = agent.q[k, INSIDE, 0]

    while min(table.episodes for table in agent.online) <= EPISODES:
        agent.learn(EVERY * CHUNKS, callback=look)
    return np.array([error(_filled(tables, k)) for k in range(EPISODES + 1)])


def _filled(tables: Floats, k: int) -> Floats:
    """Return the tables after k episodes; where two ended between looks, those of the next look."""
    later = np.isfinite(tables[k:, :, 0]).argmax(axis=0)
    return np.asarray(tables[k + later, np.arange(SEEDS)])


def _draw(curves: dict[tuple[str, float], Floats]) -> object:
    from matplotlib import colormaps

    figure, (axes,) = panels(7.5, 4.5)
    shades = {"TD": "Blues", "MC": "Oranges"}
    for (method, rate), curve in curves.items():
        rates = [r for m, r in curves if m == method]
        colour = colormaps[shades[method]](0.45 + 0.5 * rates.index(rate) / (len(rates) - 1))
        axes.plot(curve, color=colour, label=f"{method}, step size {rate:g}")
    lines(axes, "episodes", "root mean squared error")
    axes.set_ylim(0, None)
    axes.legend(frameon=False, ncols=2)
    return figure
