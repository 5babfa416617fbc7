"""The driving scenarios: laws at the exact cabin's points, rules, rewards, signs and statistics."""

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from numpy.typing import ArrayLike, NDArray

from rlkit.envs.cabin.car import laws
from rlkit.envs.cabin.car.constants import CabinConfig, WishLaws
from rlkit.envs.cabin.car.laws import DrivingLaws
from rlkit.envs.cabin.car.road import risk_now, road_demand
from rlkit.envs.cabin.car.vehicle import noise_level
from rlkit.envs.cabin.roads.loading import load_drives
from rlkit.envs.cabin.roads.rows import CITY, KEEP, LANE_CHANGE, MOTORWAY, Drives
from rlkit.envs.cabin.scenario.dialogue_tables import actions_of
from rlkit.envs.cabin.scenario.options import find_domain
from rlkit.envs.cabin.simulator.simulator import RESET, Simulator
from rlkit.envs.cabin.state.acts import (
    AFFIRM,
    DENY,
    EXECUTE,
    INFORM,
    NEGATE,
    NO_VALUE,
    NULL,
    REQALTS,
    REQUEST,
    WAIT,
)
from rlkit.envs.cabin.state.reward import DRIVING_WEIGHTS, EVENT_UNSAFE, REWARD_TERMS
from rlkit.envs.cabin.state.tables import Tables
from rlkit.envs.cabin.tabular.config import ROADS, TabularCabinConfig
from rlkit.envs.cabin.tabular.tables import risk_profile
from rlkit.statistics import mean_interval
from tests.envs.cabin.driving import Driven, at_random, handcrafted, play, road_of, simulator

COUNT = 1500
EXACT = TabularCabinConfig()
CONSTANTS = CabinConfig().record().view(np.recarray)[0]


def signals_of(road: str) -> dict[str, Any]:
    """Return the signals of one of the exact cabin's roads, such as "mf"."""
    motorway, phase = road[0] == "m", road[1]
    speed, headway = 33.3 if motorway else 13.9, 1.6 if phase == "f" else 10.0
    return {
        "speed": speed,
        "leader_speed": speed,
        "headway": headway,
        "gap": min(headway * speed, 250.0),
        "manoeuvre": LANE_CHANGE if phase == "m" else KEEP,
        "road": MOTORWAY if motorway else CITY,
    }


def as_records(tables: Tables) -> Tables:
    """Return the tables so that plain Python reads their fields as attributes, like kernels do."""
    views: list[Any] = [a.view(np.recarray) if a.dtype.names else a for a in tables]
    return Tables(*views)


def moment(road: str) -> Any:
    """Return the row of one of the exact cabin's roads, fields as attributes."""
    return road_of(1, **signals_of(road)).rows.view(np.recarray)[0]


@cache
def ablation(waits: bool, quiets: bool) -> Driven:
    """Play the handcrafted policy on a motorway with phases, the same drives for every variant."""
    return play(simulator(phased_motorway(), COUNT, seed=7), handcrafted(waits, quiets))


def phased_motorway() -> Drives:
    """Return a motorway that is free, then followed closely, then in a manoeuvre, in turn."""
    rows = road_of(3600).rows.copy()
    second = np.arange(len(rows)) // 2 % 60
    close = (second >= 25) & (second < 40)
    rows["headway"][close], rows["gap"][close] = 1.6, 1.6 * 33.3
    rows["manoeuvre"][(second >= 40) & (second < 50)] = LANE_CHANGE
    return Drives(rows, np.array([0, len(rows)], np.int64))


@pytest.mark.parametrize("road", ROADS)
def test_demand_is_that_of_the_exact_cabin(road: str) -> None:
    assert road_demand(CONSTANTS, moment(road)) == pytest.approx(
        EXACT.road.demand[ROADS.index(road)], abs=1e-6
    )


@pytest.mark.parametrize("road", ROADS)
@pytest.mark.parametrize("load", [0, 1])
def test_risk_is_that_of_the_exact_cabin(road: str, load: int) -> None:
    exact = risk_profile(EXACT, 2.3)[0, ROADS.index(road), load]
    assert risk_now(CONSTANTS, moment(road), 2.3, float(load)) == pytest.approx(exact, abs=1e-6)


@pytest.mark.parametrize(
    ("road", "open_windows", "level"), [("ck", 0, 58), ("ck", 1, 65), ("mk", 0, 65), ("mk", 1, 76)]
)
def test_noise_is_that_of_the_exact_cabin(road: str, open_windows: int, level: int) -> None:
    made = simulator(road_of(), 1)
    car = made.state.car.view(np.recarray)[0]
    car.signals[:] = 0.0
    car.quieted = False
    windows = [k for k, one in enumerate(find_domain("cabin").signals) if one.source == "window"]
    car.signals[windows[:open_windows]] = 100.0
    assert round(noise_level(as_records(made.tables), car, moment(road))) == level


def test_error_rate_follows_the_noise() -> None:
    made = simulator(road_of(), 64)
    made.advance(np.full(64, RESET), made.new_outputs())
    law = DrivingLaws()
    expected = [
        laws.error_rate(float(noise), law.quiet_noise, law.quiet_error, law.error_slope)
        for noise in made.state.car["noise"]
    ]
    assert made.record["error_rate"] == pytest.approx(expected)
    fixed = simulator(road_of(), 8, error_rate=0.25)
    fixed.advance(np.full(8, RESET), fixed.new_outputs())
    assert (fixed.record["error_rate"] == 0.25).all()


def test_dialogues_to_a_place_are_as_long_as_in_kvret() -> None:
    domain = find_domain("cabin")
    functions = tuple(
        replace(one, weight=float(one.name == "navigate")) for one in domain.functions
    )
    config = CabinConfig(wishes=WishLaws(most_errands=1.0, urgent_rate=0.0))
    made = simulator(
        load_drives("parked"),
        COUNT,
        seed=3,
        config=config,
        domain=replace(domain, functions=functions),
        error_rate=0.0,
    )
    informed, requested = np.zeros(COUNT), np.zeros(COUNT)

    def note(made: Simulator, live: NDArray[np.bool_], _: NDArray[np.int64]) -> None:
        for i in np.flatnonzero(live & ~made.record["ended"]):
            kind, slots, values = said(made, int(i))
            if kind in (INFORM, AFFIRM, NEGATE, DENY, REQALTS):
                informed[i] += ((slots > 0) & (slots < len(domain.slots))).sum()
            elif kind == REQUEST:
                requested[i] += (values == NO_VALUE).sum()

    played = play(made, handcrafted(), note)
    assert played.record["turn"].mean() == pytest.approx(3.3, rel=0.25)
    assert informed.mean() == pytest.approx(2.0, rel=0.25)
    assert requested.mean() == pytest.approx(1.1, rel=0.25)


def said(made: Simulator, i: int) -> tuple[int, NDArray[np.int16], NDArray[np.int16]]:
    """Return the type, slots and values of what the driver said."""
    act = made.record["said"][i]
    return int(act[0]), act[2 : 2 + 2 * act[1] : 2], act[3 : 3 + 2 * act[1] : 2]


def test_reward_is_the_sum_of_terms_that_add_up_to_what_info_tells() -> None:
    made = simulator(phased_motorway(), 300, seed=2)
    totals = np.zeros((300, len(REWARD_TERMS)))

    def note(made: Simulator, live: NDArray[np.bool_], _: NDArray[np.int64]) -> None:
        totals[live] += made.record["terms"][live]

    played = play(made, at_random(), note)
    assert played.returns == pytest.approx(totals.sum(axis=1), abs=1e-3)
    seconds = totals[:, REWARD_TERMS.index("second")] / DRIVING_WEIGHTS.second
    assert played.record["seconds"] == pytest.approx(seconds, rel=1e-4)
    risk = totals[:, REWARD_TERMS.index("risk")] / DRIVING_WEIGHTS.risk
    assert played.record["risk"] == pytest.approx(risk, rel=1e-4, abs=1e-4)
    mood = totals[:, REWARD_TERMS.index("mood")] / DRIVING_WEIGHTS.mood
    assert 1.0 - played.record["mood"] == pytest.approx(mood, abs=1e-4)
    success = played.record["success"]
    assert (played.car["met"][success] == played.car["closed"][success]).all()


def test_waiting_costs_a_second_and_no_turn() -> None:
    made = simulator(road_of(), 50, seed=4, config=CabinConfig(wishes=WishLaws(unasked_rate=0.0)))
    outputs = made.new_outputs()
    made.advance(np.full(50, RESET), outputs)
    wait = [action.name for action in actions_of(find_domain("cabin"), True)].index("wait")
    made.advance(np.full(50, wait), outputs)
    assert (made.record["turn"] == 0).all()
    assert made.record["seconds"] == pytest.approx(1.0)
    assert outputs.reward == pytest.approx(DRIVING_WEIGHTS.second)
    assert (made.record["said"][:, 0] == NULL).all()
    assert (made.record["risk"] == 0.0).all()


def test_quieting_the_cabin_lowers_noise_and_costs_only_where_a_window_was_open() -> None:
    made = simulator(road_of(), 200, seed=5)
    outputs = made.new_outputs()
    made.advance(np.full(200, RESET), outputs)
    before = made.state.car["noise"].copy()
    windows = [k for k, one in enumerate(find_domain("cabin").signals) if one.source == "window"]
    opened = (made.state.car["signals"][:, windows] > 0).any(axis=1)
    quiet = [action.name for action in actions_of(find_domain("cabin"), True)].index("quiet")
    made.advance(np.full(200, quiet), outputs)
    paid = made.record["terms"][:, REWARD_TERMS.index("window")]
    assert (paid == np.where(opened, DRIVING_WEIGHTS.window, 0.0)).all()
    assert (made.state.car["noise"] <= before).all()
    assert (made.state.car["noise"][opened] < before[opened] - 3.0).all()
    assert (outputs.mask[:, quiet] == 0).all()


def test_breaking_a_rule_is_masked_and_without_masks_punished() -> None:
    """Random commands on a fast road: whatever is unsafe ends the drive at its price."""
    for masks in (True, False):
        made = simulator(road_of(), 400, seed=6, masks=masks)
        unsafe = np.zeros(400, np.bool_)

        def note(
            made: Simulator,
            live: NDArray[np.bool_],
            _: NDArray[np.int64],
            unsafe: NDArray[np.bool_] = unsafe,
        ) -> None:
            hit = live & (made.record["events"][:, EVENT_UNSAFE] != 0.0)
            assert made.record["ended"][hit].all()
            assert not made.record["success"][hit].any()
            unsafe[hit] = True

        play(made, at_random(1), note)
        assert unsafe.any() == (not masks)


def test_a_drive_that_is_over_truncates() -> None:
    """Who only waits is cut, at the end of the drive and not before, or the driver leaves."""
    names = [action.name for action in actions_of(find_domain("cabin"), True)]
    waiting = np.full(100, names.index("wait"))
    played = play(simulator(road_of(seconds=241), 100, seed=8), lambda *_: waiting)
    truncated = played.record["truncated"]
    assert truncated.any()
    assert not (truncated & played.record["terminated"]).any()
    assert (played.record["seconds"][truncated] >= 240.0).all()


def test_silent_is_who_said_nothing() -> None:
    """Whatever the assistant did: one who was silent and then objects to a deed is so no more."""
    phases = phased_motorway()
    objections = []

    def note(made: Simulator, live: NDArray[np.bool_], _: NDArray[np.int64]) -> None:
        going = live & ~made.record["ended"]
        silent = made.record["said"][:, 0] == NULL
        assert (made.state.car["silent"] == silent)[going].all()
        objections.append((made.record["corrected"] & going).sum())

    play(simulator(phases, 400, seed=13), at_random(2), note)
    assert sum(objections) > 50


def test_nobody_answers_in_a_manoeuvre_and_everybody_when_parked() -> None:
    silent = {}
    for name, drives in (
        ("manoeuvre", road_of(manoeuvre=LANE_CHANGE)),
        ("parked", load_drives("parked")),
    ):
        made = simulator(drives, 500, seed=9)
        outputs = made.new_outputs()
        made.advance(np.full(500, RESET), outputs)
        request = [one.name for one in actions_of(find_domain("cabin"), True)].index(
            "request_function"
        )
        made.advance(np.full(500, request), outputs)
        silent[name] = made.state.car["silent"].mean()
    assert silent["manoeuvre"] == pytest.approx(1 - laws.answer_probability(0.8, 0.7, 10), abs=0.06)
    assert silent["parked"] < 0.02


def difference(first: ArrayLike, second: ArrayLike) -> tuple[float, float]:
    """Return the 95 % interval of the mean paired difference."""
    interval = mean_interval(np.asarray(first, np.float64) - np.asarray(second, np.float64))
    return interval.low, interval.high


def test_forbidding_wait_raises_risk() -> None:
    low, _ = difference(ablation(False, True).record["risk"], ablation(True, True).record["risk"])
    assert low > 0


def test_forbidding_quiet_lowers_success_or_takes_longer() -> None:
    full, without = ablation(True, True).record, ablation(True, False).record
    success = difference(full["success"], without["success"])
    seconds = difference(without["seconds"], full["seconds"])
    assert success[0] > 0 or seconds[0] > 0


def test_a_road_blind_policy_loses_clearly() -> None:
    low, _ = difference(ablation(True, True).returns, ablation(False, False).returns)
    assert low > 1.0


def test_a_better_microphone_lowers_risk() -> None:
    better = play(
        simulator(phased_motorway(), COUNT, seed=7, error_rate=0.02), handcrafted()
    ).record["risk"]
    low, _ = difference(ablation(True, True).record["risk"], better)
    assert low > 0


def test_mishearing_raises_load() -> None:
    """A question that was misheard costs a correction, which loads the driver."""
    loads = {}
    for rate in (0.0, 0.6):
        made = simulator(road_of(), COUNT, seed=10, error_rate=rate)
        total, steps = np.zeros(COUNT), np.zeros(COUNT)

        def note(
            made: Simulator,
            live: NDArray[np.bool_],
            _: NDArray[np.int64],
            total: NDArray[np.float64] = total,
            steps: NDArray[np.float64] = steps,
        ) -> None:
            total[live] += made.state.car["load"][live]
            steps[live] += 1

        play(made, handcrafted(), note)
        loads[rate] = total / steps
    low, _ = difference(loads[0.6], loads[0.0])
    assert low > 0


def test_speaking_after_the_danger_is_as_safe_as_silence() -> None:
    """Kousidis et al. (2014): a system that pauses in danger restores driving to no-speech level.

    The measure is the seconds at risk that fall into the dangerous stretch of road.
    """
    rows = road_of(241).rows[:481].copy()  # so that all begin in the first row
    rows["manoeuvre"][:20] = LANE_CHANGE
    drives = Drives(rows, np.array([0, len(rows)], np.int64))
    names = [action.name for action in actions_of(find_domain("cabin"), True)]
    request, wait = names.index("request_function"), names.index("wait")

    def risk_in_danger(pauses: bool) -> NDArray[np.float64]:
        made = simulator(drives, 500, seed=11)
        outputs = made.new_outputs()
        made.advance(np.full(500, RESET), outputs)
        for _ in range(12 if pauses else 0):
            made.advance(np.full(500, wait), outputs)
        made.advance(np.full(500, request), outputs)
        return np.asarray(made.record["risk"], np.float64)

    speaking, pausing = risk_in_danger(pauses=False), risk_in_danger(pauses=True)
    free_lane = risk_now(CONSTANTS, moment("mk"), 2.3, 0.0)
    assert difference(speaking, pausing)[0] > 0.5
    # What is left is what a question costs on a free lane, with or without the danger before.
    assert pausing.mean() == pytest.approx(free_lane * 5.0, rel=0.3)


def test_rain_fan_and_music_make_noise() -> None:
    made = simulator(road_of(), 1)
    car = made.state.car.view(np.recarray)[0]
    car.signals[:] = 0.0
    quiet = noise_level(as_records(made.tables), car, moment("ck"))
    wet = road_of(1, **{**signals_of("ck"), "rain": 1.0}).rows.view(np.recarray)[0]
    assert noise_level(as_records(made.tables), car, wet) > quiet
    for source in ("fan", "volume"):
        places = [k for k, one in enumerate(find_domain("cabin").signals) if one.source == source]
        car.signals[:] = 0.0
        car.signals[places] = 100.0
        assert noise_level(as_records(made.tables), car, moment("ck")) > quiet


def test_every_constant_has_a_unit_or_range_and_a_source() -> None:
    """Each assumption is named as one, or names where it comes from."""
    import ast
    import inspect

    from rlkit.envs.cabin.car import constants as config

    for module in (config, laws):
        for node in ast.walk(ast.parse(inspect.getsource(module))):
            if not isinstance(node, ast.ClassDef) or node.name == "CabinConfig":
                continue
            for field, described in zip(node.body, node.body[1:], strict=False):
                if isinstance(field, ast.AnnAssign):
                    text = (
                        ast.literal_eval(described.value) if isinstance(described, ast.Expr) else ""
                    )
                    assert "(" in text or "[" in text, (node.name, ast.unparse(field.target))


def test_executing_what_the_driver_wants_sets_the_signal() -> None:
    """Parked and without noise, every errand of the handcrafted policy ends as it should."""
    made = simulator(load_drives("parked"), 400, seed=12, error_rate=0.0)
    executed = np.zeros(400, np.int64)

    def note(made: Simulator, live: NDArray[np.bool_], _: NDArray[np.int64]) -> None:
        executed[live] += made.record["system"][live, 0] == EXECUTE

    played = play(made, handcrafted(), note)
    assert played.record["success"].mean() > 0.97
    assert (executed > 0).mean() > 0.9
    assert (played.record["system"][:, 0] != WAIT).all()
