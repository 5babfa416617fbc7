"""The learning curves and the page that says which algorithm when."""

from pathlib import Path

import numpy as np
import pytest

from rlkit.catalogue import AGENTS
from rlkit.policy import TabularPolicy
from rlkit.scripts.common import command
from studies.results import learning_curves, learning_scores
from studies.results.learning_scores import LEARNERS, PROBLEMS, Problem, noisy_choice

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("agent", LEARNERS)
def test_averaged_over_all_problems_nobody_earns_more_at_first(agent: str) -> None:
    """No free lunch: half of the two payments. Later the same pairs pay again, and all learn."""
    returns = learning_scores.over_all_trees(agent, 6, 2, learning_scores.all_trees())

    assert returns[0] == pytest.approx(1.0, abs=1e-12)
    assert returns[-1] > 1.1


def test_the_optimum_over_all_trees_is_that_on_paper() -> None:
    """A branch earns b + max(b', b''), so 0, 1, 2 with odds 1/8, 1/2, 3/8; the best of two."""
    expected = 1 * ((5 / 8) ** 2 - (1 / 8) ** 2) + 2 * (1 - (5 / 8) ** 2)

    assert learning_scores.best_over_all_trees(learning_scores.all_trees()) == expected


def test_values_are_those_on_paper() -> None:
    """Left is worth -.1, right nothing."""
    left, right = (TabularPolicy(np.array([a, 0, 0, 0]), 10) for a in (0, 1))

    values = learning_scores.values(noisy_choice().model, [left, right, left])

    assert values == pytest.approx([-0.1, 0.0, -0.1])


def test_scores_of_the_noisy_choice_are_those_of_its_two_policies() -> None:
    """The random policy is worth -.05, so left scores -1 and right 1."""
    found = learning_scores.learn("q-learning", Problem("noisy", noisy_choice, 200), seeds=20)

    assert found.steps.tolist() == list(range(10, 201, 10))
    assert np.unique(found.scores.round(9)).tolist() == [-1.0, 1.0]


def test_who_is_not_clearly_worse_is_among_the_best() -> None:
    noise = np.tile([-1.0, 1.0], 50)
    scores = {(agent, "p"): 0.0 * noise for agent in LEARNERS}
    scores["sarsa", "p"] = 5 + noise
    scores["q-learning", "p"] = 4.99 - noise

    assert learning_curves.winners(scores, "p") == ["sarsa", "q-learning"]
    assert learning_curves.verdict(scores, ["p"]) == (
        "Highest by problem: p: SARSA. Among the best everywhere: SARSA, Q-learning."
    )
    scores["q-learning", "p"][3] = np.nan
    with pytest.raises(ValueError, match="on p the scores of q-learning are NaN"):
        learning_curves.winners(scores, "p")


def test_the_command_draws_every_learner_and_writes_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    short = (Problem("noisy choice", noisy_choice, 200),)
    monkeypatch.setattr(learning_scores, "PROBLEMS", short)
    monkeypatch.setattr(learning_curves, "SHOWN", (1, 2))
    monkeypatch.setattr(learning_curves, "EPISODES", 2)
    monkeypatch.setattr(learning_curves, "TREE_SEEDS", 1)
    monkeypatch.setattr("sys.argv", ["curves", "--seeds", "3", "--out", str(tmp_path)])

    assert command(learning_curves.LearningCurves) == 0

    page = (tmp_path / "agents" / "which-when.md").read_text("utf-8")
    assert len(list((tmp_path / "images").glob("learning-*.png"))) == len(LEARNERS)
    assert all(f"| {name} | 1.000 |" in page for name in LEARNERS.values())


def test_every_tabular_learner_has_a_curve() -> None:
    assert set(LEARNERS) == {name for name, path in AGENTS.items() if ".tabular:" in path}


def test_every_page_shows_its_curve() -> None:
    overview = (DOCS / "agents" / "which-when.md").read_text("utf-8")

    for agent in LEARNERS:
        assert (DOCS / "images" / f"learning-{agent}.png").stat().st_size > 5_000
        page = (DOCS / "agents" / f"{agent}.md").read_text("utf-8")
        assert f"../images/learning-{agent}.png" in page
        assert f"({agent}.md)" in overview
    assert all(problem.name in overview for problem in PROBLEMS)
