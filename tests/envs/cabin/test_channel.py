"""The microphone against the laws it is built from."""

import numpy as np
import pytest

from rlkit.envs.cabin.channel.hearing import KNOTS
from rlkit.envs.cabin.channel.spelling import confusions
from rlkit.envs.cabin.ontology.made_up import VENUES3, generate
from rlkit.envs.cabin.scenario.dialogue_tables import Settings, compile_tables
from rlkit.envs.cabin.simulator.simulator import RESET, Simulator
from rlkit.envs.cabin.state.acts import BYE, USER_ACTS, same_act
from tests.envs.cabin.support import simulator

COUNT = 8000


def first_turns(error_rate: float) -> Simulator:
    """Return many dialogues after the driver's first words."""
    made = simulator(generate(VENUES3), Settings(error_rate=error_rate), COUNT)
    made.advance(np.full(COUNT, RESET), made.new_outputs())
    return made


def right_on_top(made: Simulator) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return np.array([same_act(row["said"], row["heard"][0]) for row in made.record])


@pytest.mark.parametrize("error_rate", [0.05, 0.15, 0.30, 0.5])
def test_misheard_acts_have_the_error_rate(error_rate: float) -> None:
    misheard = 1.0 - right_on_top(first_turns(error_rate)).mean()

    assert misheard == pytest.approx(error_rate, abs=4 * np.sqrt(0.25 / COUNT))


@pytest.mark.parametrize(("error_rate", "expected"), [(0.15, 0.76), (0.30, 0.82)])
def test_confidence_of_right_acts_after_normalisation(error_rate: float, expected: float) -> None:
    made = first_turns(error_rate)

    top = made.record["confidence"][right_on_top(made), 0]
    assert top.mean() == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize(("error_rate", "expected"), [(0.15, 0.43), (0.30, 0.54)])
def test_truth_is_in_the_list_of_misheard_acts(error_rate: float, expected: float) -> None:
    made = first_turns(error_rate)
    wrong = made.record[~right_on_top(made)]

    found = [
        any(same_act(row["said"], row["heard"][rank]) for rank in range(row["heard_count"]))
        for row in wrong
    ]
    assert np.mean(found) == pytest.approx(expected, abs=4 * np.sqrt(0.25 / len(found)))


def test_list_is_a_distribution_of_different_acts_without_bye() -> None:
    for row in first_turns(0.3).record[:1000]:
        count = row["heard_count"]
        acts = [tuple(row["heard"][rank, : 2 + 2 * row["heard"][rank, 1]]) for rank in range(count)]
        assert 1 <= count <= 5
        assert len(set(acts)) == count
        assert row["said"][0] == BYE or all(act[0] != BYE for act in acts)
        total = row["confidence"][:count].sum() + row["null_confidence"]
        assert total == pytest.approx(1.0, abs=1e-9)


def test_without_noise_the_truth_is_certain() -> None:
    made = first_turns(0.0)

    assert right_on_top(made).all()
    assert (made.record["confidence"][:, 0] == 1.0).all()
    assert (made.record["null_confidence"] == 0.0).all()


def test_list_lengths_follow_their_weights() -> None:
    made = first_turns(0.15)
    lengths = made.record["heard_count"][right_on_top(made)]

    weights = np.array(KNOTS[1].right_lengths) / sum(KNOTS[1].right_lengths)
    observed = np.bincount(lengths, minlength=6)[1:] / len(lengths)
    assert observed == pytest.approx(weights, abs=0.025)


def levenshtein(first: str, second: str) -> int:
    """Return the edit distance by its recursive definition over prefixes."""
    table = np.zeros((len(first) + 1, len(second) + 1), int)
    table[:, 0] = range(len(first) + 1)
    table[0] = range(len(second) + 1)
    for i, a in enumerate(first, 1):
        for j, b in enumerate(second, 1):
            table[i, j] = min(
                table[i - 1, j] + 1, table[i, j - 1] + 1, table[i - 1, j - 1] + (a != b)
            )
    return int(table[-1, -1])


def test_neighbours_are_the_nearest_words() -> None:
    table = confusions(USER_ACTS, np.random.default_rng(0))

    for word, row in zip(USER_ACTS, table, strict=True):
        chosen = [USER_ACTS[k] for k in row["neighbour"]]
        others = sorted(levenshtein(word, other) for other in USER_ACTS if other != word)
        assert sorted(levenshtein(word, other) for other in chosen) == others[:6]
        assert word not in chosen
        assert row["neighbour_cdf"][5] == pytest.approx(1.0)


def test_neighbour_weights() -> None:
    row = confusions(["aa", "ab", "bb"], np.random.default_rng(0))[0]

    weights = np.array([2 / 3 + 0.15, 1 / 3 + 0.15])
    assert row["neighbours"] == 2
    assert row["neighbour_cdf"][:2] == pytest.approx(np.cumsum(weights / weights.sum()))


def test_ties_depend_on_the_confusion_seed() -> None:
    domain = generate(VENUES3)
    first = compile_tables(domain, Settings(confusion_seed=1)).rules["act_neighbour"]

    assert np.array_equal(
        first, compile_tables(domain, Settings(confusion_seed=1)).rules["act_neighbour"]
    )
    assert not np.array_equal(
        first, compile_tables(domain, Settings(confusion_seed=2)).rules["act_neighbour"]
    )
