"""The exact cabin as a model and as an environment: its size, its tables, its rows, its reports."""

import gymnasium
import numpy as np
import pytest

from rlkit.envs.cabin.tabular.config import Road, TabularCabinConfig
from rlkit.envs.cabin.tabular.handcrafted import rules
from rlkit.envs.cabin.tabular.problem import TabularCabin
from rlkit.envs.cabin.tabular.states import CabinState
from rlkit.envs.cabin.tabular.tables import second_of_road, stationary_road, tables
from tests.envs.cabin.tabular.support import ACT, CABIN, MODEL


def test_size_and_reach() -> None:
    assert MODEL.num_states == 8_641
    assert MODEL.num_actions == 9
    assert MODEL.P.nnz + int((MODEL.terminates > 0).sum()) > 2_400_000
    seen = MODEL.initial > 0
    ended = False
    rows = MODEL.legal.ravel()
    while True:
        here = np.repeat(seen, 9) & rows
        ended |= bool(MODEL.terminates.ravel()[here].any())
        reached = seen | (MODEL.P.T @ here.astype(float) > 0)
        if (reached == seen).all():
            break
        seen = reached
    assert int(seen.sum()) + ended == 6_697


def test_the_laws_give_the_published_tables() -> None:
    table = tables(CABIN.config)
    assert table.noise.tolist() == [58, 65, 76]
    np.testing.assert_allclose(table.error, [0.1077, 0.1775, 0.3497], atol=5e-5)
    np.testing.assert_allclose(table.sure, [0.7823, 0.7210, 0.6136], atol=5e-5)
    np.testing.assert_allclose(
        table.right[1:7], [0.6328, 0.5598, 0.4993, 0.9645, 0.9242, 0.7454], atol=5e-5
    )
    np.testing.assert_allclose(
        stationary_road(CABIN.config), [0.2492, 0.0755, 0.0779, 0.3935, 0.1259, 0.0779], atol=5e-5
    )


def test_the_stationary_road_stays_as_it_is() -> None:
    road = stationary_road(CABIN.config)

    np.testing.assert_allclose(road @ second_of_road(CABIN.config), road, rtol=0, atol=1e-15)
    assert road.sum() == pytest.approx(1.0, abs=1e-15)


def test_a_road_in_two_parts_begins_in_either_by_even_odds() -> None:
    road = stationary_road(TabularCabinConfig(road=Road(change_class=0.0)))

    assert road[:3].sum() == pytest.approx(0.5, abs=1e-15)
    assert road[3:].sum() == pytest.approx(0.5, abs=1e-15)


def test_seconds_of_the_road_are_powers_of_one() -> None:
    step = second_of_road(CABIN.config)

    for seconds in (0, 1, 5, 16):
        power = np.linalg.matrix_power(step, seconds)
        np.testing.assert_allclose(tables(CABIN.config).roads[seconds], power, rtol=1e-13)


def test_rows_of_the_model_are_the_transitions_of_the_problem() -> None:
    rng = np.random.default_rng(0)
    for state in rng.integers(CABIN.states.over, size=8):
        act = int(rng.choice(np.flatnonzero(MODEL.legal[state])))
        here = CABIN.states[int(state)]
        following = CABIN.transition(here, CABIN.actions[act])
        row = MODEL.P[[int(state) * 9 + act]].toarray()[0]
        expected = 0.0
        for s_next, prob in following:
            expected += prob * CABIN.reward(here, CABIN.actions[act], s_next)
            if not CABIN.terminal(s_next):
                assert row[CABIN.states.index(s_next)] == pytest.approx(prob, abs=1e-12)
        assert expected == pytest.approx(MODEL.R[state, act], abs=1e-9)


def test_states_and_indices_are_inverse() -> None:
    for place in (0, 17, 4_321, 8_639, 8_640):
        assert CABIN.states.index(CABIN.states[place]) == place
    assert CABIN.states[-1] == CABIN.states[8_640]
    with pytest.raises(ValueError, match="no state of this cabin"):
        CABIN.states.index(CabinState(("x", "-"), "open", "mk", "low", 3))


def test_three_slots_make_a_larger_cabin() -> None:
    larger = TabularCabin(TabularCabinConfig(slots=3))

    assert len(larger.states) == 69_121
    assert len(larger.actions) == 11


def test_reward_terms_add_up_and_the_end_reports() -> None:
    env = gymnasium.make("rlkit/CabinTabular-v0")
    policy = rules(CABIN)
    observation, _ = env.reset(seed=2)
    for _ in range(300):
        observation, reward, terminated, _, info = env.step(policy.table[observation])
        assert sum(info["reward_terms"].values()) == pytest.approx(reward, abs=1e-9)
        if terminated:
            assert {"success", "turns", "seconds", "risk", "outcome"} <= set(info)
            observation, _ = env.reset()


def test_wrong_keywords_are_named() -> None:
    with pytest.raises(ValueError, match=r"Did you mean 'success'"):
        gymnasium.make("rlkit/CabinTabular-v0", reward={"succes": 1.0})
    with pytest.raises(ValueError, match=r"unknown observation 'vektor'\. Did you mean 'vector'"):
        gymnasium.make("rlkit/CabinTabular-v0", observation="vektor")
    with pytest.raises(ValueError, match="2 or 3 slots"):
        gymnasium.make("rlkit/CabinTabular-v0", slots=4)


def test_an_illegal_act_costs_a_turn_or_is_an_error() -> None:
    env = gymnasium.make("rlkit/CabinTabular-v0")
    env.reset(seed=0)
    _, reward, terminated, _, info = env.step(ACT["execute"])
    assert info["illegal"] is True
    assert float(reward) < 0
    assert not terminated
    strict = gymnasium.make("rlkit/CabinTabular-v0", on_illegal="error")
    strict.reset(seed=0)
    with pytest.raises(ValueError, match=r"4 \(execute\) is illegal .*request what"):
        strict.step(ACT["execute"])
