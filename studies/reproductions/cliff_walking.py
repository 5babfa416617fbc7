"""Sutton and Barto, Example 6.6 and Figure 6.4: the cliff, on-policy and off-policy."""

from typing import Any

import gymnasium
import numpy as np

from rlkit import agents
from rlkit.agents.learning import Progress
from rlkit.agents.planning import PolicyIteration
from rlkit.agents.tabular.learner import CHUNKS
from rlkit.arrays import Floats
from rlkit.model import TabularModel
from rlkit.statistics import Band, pooled_curve
from studies.reproductions import Finding, Reproduction
from studies.reproductions.pictures import best, lines, panels

ENV = "rlkit/CliffWalking-v0"
SEEDS, STEPS, TAIL = 100, 40_000, 40_000
"""Seeds, steps of the curves, steps of what is measured."""
SOFT = {0.1: (-50.800, -20.708), 0.05: (-29.893, -17.519), 0.2: (-110.110, -28.634)}
"""Epsilon to the return of acting epsilon-greedily on Q*, and of the best epsilon-soft policy."""
FALLING = {"kind": "polynomial", "start": 0.5, "power": 0.7, "offset": 10}
LEARNERS: dict[str, tuple[str, Any, float, float]] = {
    "Q-learning, step size .5": ("q-learning", 0.5, -50.8, 0.5),
    "SARSA, step size .5 (between -29 and -24)": ("sarsa", 0.5, -26.5, 2.5),
    "SARSA, falling step size": ("sarsa", FALLING, -20.7, 1.0),
    "expected SARSA, step size .5": ("expected-sarsa", 0.5, -20.7, 0.5),
}
"""Agent, step size, its return while it explores, and how far it may be from that."""
LONG = 300_000
"""Steps before a falling step size is judged."""


def reproduce() -> Reproduction:
    """Compute what can be computed, then learn."""
    model: TabularModel = gymnasium.make(ENV).unwrapped.model  # type: ignore[attr-defined]
    optimum = PolicyIteration(model).solve()
    findings = [Finding("optimum", -13, float(model.initial @ optimum.values), 1e-9)]
    for epsilon, (greedy, bound) in SOFT.items():
        found = exploring(model, optimum.q, epsilon)
        findings.append(Finding(f"epsilon {epsilon:g}: greedy on Q*", greedy, found, 5e-4))
        soft = PolicyIteration(softened(model, epsilon)).solve()
        value = float(model.initial @ soft.values)
        findings.append(Finding(f"epsilon {epsilon:g}: best soft policy", bound, value, 5e-4))
    curves = {}
    for name, (agent, rate, expected, tolerance) in LEARNERS.items():
        curves[name.partition(" (")[0]], reached = learned(agent, rate)
        findings.append(Finding(f"{name}: return while exploring", expected, reached, tolerance))
    return Reproduction(
        title="Cliff walking",
        source="Sutton and Barto, Example 6.6 and Figure 6.4; exact limits computed",
        text="Returns while exploring with epsilon .1, over steps instead of the book's episodes: "
        f"each point is the mean of all episodes that ended in {STEPS // CHUNKS} steps of {SEEDS} "
        "seeds, with its 95 % interval. Dashed: what acting epsilon-greedily on Q* and the best "
        "soft policy earn, computed. Q-learning learns the shortest path and falls off it; SARSA "
        "keeps away, but with a step size of .5 its values never settle. The figures below "
        f"are means over {TAIL:,} further steps; where the step size falls, over those after "
        f"{LONG:,}.",
        findings=findings,
        figure=_draw(curves),
    )


def exploring(model: TabularModel, q: Floats, epsilon: float) -> float:
    """Return what acting epsilon-greedily on `q` earns; ties are broken at random."""
    greedy = best(q) / best(q).sum(axis=1, keepdims=True)
    probs = (1 - epsilon) * greedy + epsilon / model.num_actions
    return float(model.initial @ model.evaluate(probs))


def softened(model: TabularModel, epsilon: float) -> TabularModel:
    """Return the problem in which every action is replaced by a random one with `epsilon`.

    Its optimum is the best epsilon-soft policy of the original (Sutton and Barto, sec. 5.4).
    """
    P = model.P.toarray().reshape(*model.R.shape, model.num_states)

    def mixed(table: Floats) -> Floats:
        return np.asarray((1 - epsilon) * table + epsilon * table.mean(axis=1, keepdims=True))

    return TabularModel(
        mixed(P),
        mixed(model.R),
        model.discount,
        initial=model.initial,
        terminal=model.terminal,
        terminates=mixed(model.terminates),
    )


def learned(name: str, learning_rate: Any) -> tuple[Band, float]:
    """Return the mean return while learning, at `CHUNKS` points, and in the end."""
    env = gymnasium.make(ENV, max_episode_steps=-1)
    agent: Any = agents.make(name, env, seeds=SEEDS, epsilon=0.1, learning_rate=learning_rate)
    points: list[Any] = []

    def look(_: Progress) -> None:
        points.append(agent.online)
        agent.reset_online()

    agent.learn(STEPS, callback=look)
    if isinstance(learning_rate, dict):
        agent.learn(LONG - STEPS)
    agent.reset_online()
    final = np.array(agent.learn(TAIL).online)
    counts, means = np.moveaxis(np.array(points), -1, 0)
    curve = pooled_curve(np.nan_to_num(means * counts).T, counts.T)
    return curve, float(np.average(final[:, 1], weights=final[:, 0]))


def _draw(curves: dict[str, Band]) -> object:
    figure, (axes,) = panels(8, 4.5)
    steps = STEPS // CHUNKS * np.arange(1, CHUNKS + 1)
    for name, band in curves.items():
        (line,) = axes.plot(steps, band.mean, label=name)
        axes.fill_between(steps, band.low, band.high, color=line.get_color(), alpha=0.25, lw=0)
    for limit in SOFT[0.1]:
        axes.axhline(limit, color="black", linestyle="--", linewidth=1)
    lines(axes, "steps", "return of an episode")
    axes.set_ylim(-100, -10)
    axes.legend(frameon=False, loc="lower right", bbox_to_anchor=(1, 0.06))
    return figure
