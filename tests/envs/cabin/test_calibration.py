"""The handcrafted policy against the figures measured with PyDial (CABIN benchmark)."""

import numpy as np
import pytest

from rlkit.envs.cabin.ontology.made_up import SHAPES, generate
from rlkit.envs.cabin.scenario.dialogue_tables import Settings
from rlkit.envs.cabin.state.temper import STANDARD, UNFRIENDLY
from tests.envs.cabin.support import Played, play

TABLES = 4
DIALOGUES = 1000


def condition(number: int, shape: str = "venues3", dialogues: int = DIALOGUES) -> list[Played]:
    """Play a benchmark condition on several made-up tables and tie-breakings."""
    error_rate = {1: 0.0, 3: 0.15, 5: 0.15, 6: 0.30}[number]
    driver = UNFRIENDLY if number == 5 else STANDARD
    return [
        play(
            generate(SHAPES[shape], seed),
            Settings(error_rate=error_rate, driver=driver, confusion_seed=seed),
            dialogues,
            seed,
        )
        for seed in range(TABLES)
    ]


def success(played: list[Played]) -> float:
    return float(100 * np.mean([one.record["success"] for one in played]))


def reward(played: list[Played]) -> float:
    return float(np.mean([one.returns for one in played]))


@pytest.mark.parametrize(
    ("number", "reference_success", "reference_reward", "reference_turns"),
    [(1, 99.8, 14.0, 6.0), (3, 97.3, 11.1, 8.3), (6, 91.3, 9.5, 8.7)],
)
def test_handcrafted_policy_meets_the_reference(
    number: int, reference_success: float, reference_reward: float, reference_turns: float
) -> None:
    played = condition(number)

    assert success(played) == pytest.approx(reference_success, abs=1.5)
    assert reward(played) == pytest.approx(reference_reward, abs=0.7)
    turns = np.mean([one.record["turn"] for one in played])
    assert turns == pytest.approx(reference_turns, abs=0.6)


def test_conditions_are_ordered_by_difficulty() -> None:
    rewards = [reward(condition(number)) for number in (1, 3, 5, 6)]

    assert rewards[0] > rewards[1] + 1.0 > rewards[2] + 1.0
    assert rewards[1] > rewards[3] + 1.0


@pytest.mark.parametrize("number", [1, 3, 6])
def test_larger_domains_are_harder(number: int) -> None:
    small = reward(condition(number, "venues3", 500))

    assert reward(condition(number, "venues6", 500)) < small - 0.5
    assert reward(condition(number, "venues11", 500)) < small - 0.5


def test_reward_counts_turns_and_success() -> None:
    for played in condition(6, dialogues=300):
        expected = 20.0 * played.record["success"] - played.record["turn"]
        assert np.array_equal(played.returns, expected)
        assert played.record["turn"].max() <= 25
