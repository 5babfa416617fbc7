"""Draw the learning curve of every tabular algorithm, and write the page that says which when.

All learn the same problems with the same settings, many seeds each; every point is computed from
the exact value of the greedy policy, so the only noise is that between seeds.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rlkit.agents.progress import bar
from rlkit.arrays import Floats
from rlkit.scripts.common import command
from rlkit.scripts.runs.curves import new_figure, plot_curves
from rlkit.statistics import mean_interval, paired_difference
from studies.results import learning_scores
from studies.results.learning_scores import LEARNERS, SETTINGS, Scores

Found = dict[tuple[str, str], Scores]
"""Scores by agent and problem."""

EPISODES, TREE_SEEDS = 20, 10
"""Of the learners in all problems of the theorem."""
SHOWN = (1, 2, 5, 20)
"""Episodes in the theorem's table."""
TEMPLATE = Path(__file__).with_name("which_when.md")


@dataclass
class LearningCurves:
    """Measure the tabular learners; draw their curves and write `which-when.md`."""

    seeds: int = 100
    """Tables of each learner on each problem, 2 or more."""
    out: Path = Path("docs")
    """Pictures go into `images/`, the page into `agents/`."""

    def main(self) -> None:
        """Measure, draw and write."""
        if self.seeds < 2:
            raise ValueError(f"an interval needs --seeds 2 or more, got {self.seeds}")
        problems = learning_scores.PROBLEMS
        found: Found = {}
        with bar(len(problems) * len(LEARNERS), "learning", shown=True) as advance:
            for problem in problems:
                for agent in LEARNERS:
                    found[agent, problem.name] = learning_scores.learn(agent, problem, self.seeds)
                    advance(len(found))
        for folder in ("images", "agents"):
            (self.out / folder).mkdir(parents=True, exist_ok=True)
        for agent in LEARNERS:
            draw(self.out / "images" / f"learning-{agent}.png", found, agent)
        text = page(found, self.seeds)
        (self.out / "agents" / "which-when.md").write_text(text, encoding="utf-8")


def draw(path: Path, found: Found, agent: str) -> None:
    """Draw the curves of an agent on every problem; grey, those of the others."""
    problems = list(dict.fromkeys(problem for _, problem in found))
    figure = new_figure((3 * len(problems), 3.2))
    panels = np.ravel(figure.subplots(1, len(problems)))
    for axes, problem in zip(panels, problems, strict=True):
        for other in LEARNERS:
            steps, scores = found[other, problem]
            axes.plot(steps, scores.mean(axis=0), color="0.8", linewidth=1)
        plot_curves(axes, {LEARNERS[agent]: found[agent, problem]}, optimum=1.0)
        axes.set_title(problem, fontsize="medium")
        axes.set_ylim(min(-0.1, axes.get_ylim()[0]), 1.05)
    panels[0].set_ylabel("score (0 random, 1 optimal)")
    figure.savefig(path, dpi=90)


def page(found: Found, seeds: int) -> str:
    """Return the page that says which algorithm when."""
    problems = list(dict.fromkeys(problem for _, problem in found))
    areas = {key: one.scores.mean(axis=1) for key, one in found.items()}
    finals = {key: one.scores[:, -1] for key, one in found.items()}
    trees = learning_scores.all_trees()
    returns = {
        agent: learning_scores.over_all_trees(agent, EPISODES, TREE_SEEDS, trees)
        for agent in LEARNERS
    }
    rate = SETTINGS["learning_rate"]
    return TEMPLATE.read_text(encoding="utf-8").format(
        seeds=seeds,
        epsilon=SETTINGS["epsilon"],
        rate=f"{{{', '.join(f'{key}: {value}' for key, value in rate.items())}}}",
        steps=", ".join(f"{p.name} {p.steps:,}" for p in learning_scores.PROBLEMS),
        areas=score_table(areas, problems),
        finals=score_table(finals, problems),
        verdict=verdict(areas, problems),
        trees=len(trees),
        pairs=learning_scores.PAIRS,
        tree_seeds=TREE_SEEDS,
        half=f"{learning_scores.DEPTH / 2:g}",
        optimum=f"{learning_scores.best_over_all_trees(trees):.3f}",
        theorem=_theorem_table(returns),
    )


def winners(scores: dict[tuple[str, str], Floats], problem: str) -> list[str]:
    """Return the best agent of a problem, first, and those that are not clearly worse.

    Clearly: the 95 % interval of the difference, seed by seed, is below 0.
    """
    means = {agent: scores[agent, problem].mean() for agent in LEARNERS}
    unknown = [agent for agent in LEARNERS if np.isnan(means[agent])]
    if unknown:
        raise ValueError(f"on {problem} the scores of {', '.join(unknown)} are NaN")
    ranked = sorted(LEARNERS, key=lambda agent: -means[agent])
    best = scores[ranked[0], problem]
    return ranked[:1] + [
        agent for agent in ranked[1:] if paired_difference(scores[agent, problem], best).high >= 0
    ]


def score_table(scores: dict[tuple[str, str], Floats], problems: list[str]) -> str:
    """Return the table of mean scores with half the lengths of their intervals."""
    bold = {problem: winners(scores, problem) for problem in problems}
    lines = [f"| | {' | '.join(problems)} |", "|---" * (len(problems) + 1) + "|"]
    for agent, name in LEARNERS.items():
        cells = []
        for problem in problems:
            mean, low, high = mean_interval(scores[agent, problem])
            text = f"{mean:.3f} ± {(high - low) / 2:.3f}"
            cells.append(f"**{text}**" if agent in bold[problem] else text)
        lines.append(f"| [{name}]({agent}.md) | {' | '.join(cells)} |")
    return "\n".join(lines)


def verdict(scores: dict[tuple[str, str], Floats], problems: list[str]) -> str:
    """Say which learner is best where, and whether one is among the best everywhere."""
    best = {problem: winners(scores, problem) for problem in problems}
    listed = ", ".join(f"{problem}: {LEARNERS[best[problem][0]]}" for problem in problems)
    always = [name for agent, name in LEARNERS.items() if all(agent in w for w in best.values())]
    everywhere = ", ".join(always) or "no learner"
    return f"Highest by problem: {listed}. Among the best everywhere: {everywhere}."


def _theorem_table(returns: dict[str, Floats]) -> str:
    lines = [f"| | {' | '.join(f'episode {k}' for k in SHOWN)} |", "|---" * (len(SHOWN) + 1) + "|"]
    for agent, name in LEARNERS.items():
        cells = " | ".join(f"{returns[agent][k - 1]:.3f}" for k in SHOWN)
        lines.append(f"| {name} | {cells} |")
    return "\n".join(lines)


if __name__ == "__main__":
    raise SystemExit(command(LearningCurves))
