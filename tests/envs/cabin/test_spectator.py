"""The simulator on the dashboard: what scenes tell, and that telling changes nothing."""

import itertools
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rlkit.envs.cabin import CabinEnv, HandcraftedPolicy
from rlkit.envs.cabin.dashboard.scene import CabinScene
from rlkit.envs.cabin.spectator.spectator import Spectator
from tests.envs.cabin.roads import write_motorway

POSITIONS = {"closed": 0.0, "quarter": 25.0, "half": 50.0, "three quarters": 75.0, "open": 100.0}


@pytest.fixture(scope="module")
def road(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(write_motorway(tmp_path_factory.mktemp("roads") / "motorway.csv"))


class Moment:
    """A scene, and what the environment said at the same time."""

    def __init__(self, env: CabinEnv, scene: CabinScene, answer: Any) -> None:
        self.scene, self.told = scene, env.exchange()
        self.record, self.car = env.simulator.record[0].copy(), env.simulator.state.car[:1].copy()
        self.reward = 0.0 if answer is None else float(answer[1])
        self.over = answer is not None and bool(answer[2] or answer[3])
        self.info: dict[str, Any] = {} if answer is None else answer[4]


def watched(env: CabinEnv, seeds: range, *, randomly: bool = False) -> Iterator[Moment]:
    """Yield the moments of some dialogues of the handcrafted policy, or of random legal acts."""
    policy, spectator = HandcraftedPolicy(env), Spectator(env.domain, env.simulator)
    rng = np.random.default_rng(0)
    for seed in seeds:
        env.reset(seed=seed)
        yield Moment(env, spectator.begin(), None)
        over = False
        while not over:
            legal = np.flatnonzero(env.action_masks())
            answer = env.step(rng.choice(legal) if randomly else policy.predict()[0])
            moment = Moment(env, spectator.add(), answer)
            over = moment.over
            yield moment


@pytest.fixture(scope="module")
def moments(road: str) -> list[Moment]:
    return list(watched(CabinEnv(ontology="cabin", drive=road), range(25)))


def test_scenes_add_up_to_what_the_environment_tells(moments: list[Moment]) -> None:
    total = 0.0
    for moment in moments:
        scene = moment.scene
        total = total + moment.reward if moment.info else 0.0
        assert scene.total == pytest.approx(total)
        assert sum(scene.terms.values()) == pytest.approx(moment.reward, abs=1e-5)
        assert scene.clock == pytest.approx(float(moment.record["seconds"]), abs=1e-3)
        assert scene.turn == moment.record["turn"]
        assert scene.driver.risk == moment.record["risk"]
        assert (scene.outcome is not None) == moment.over
        assert scene.success == moment.info.get("success", False)
    assert sum(moment.over for moment in moments) == 25


def test_the_outcome_says_why_it_ended(road: str) -> None:
    ends = set()
    for masks in (True, False):
        env = CabinEnv(ontology="cabin", drive=road, masks=masks, max_turns=12)
        for moment in watched(env, range(50), randomly=True):
            outcome, terms = moment.scene.outcome, moment.info.get("reward_terms", {})
            if outcome is None:
                continue
            ends.add(outcome)
            assert (outcome == "success") == moment.info["success"]
            assert (outcome == "unsafe command") == (terms["unsafe"] < 0)
            if outcome == "the driver gives up":
                assert terms["break_off"] < 0
            if outcome == "too many turns":
                assert moment.info["turns"] == 12
    assert ends >= {"the driver gives up", "unsafe command", "wrong command", "too many turns"}


def test_goals_close_when_errands_do(moments: list[Moment]) -> None:
    for moment in moments:
        closed = [goal for goal in moment.scene.driver.goals if not goal.active]
        kept = int(moment.car["kept"][0])
        assert len(closed) == moment.car["closed"][0] + kept
        assert sum(goal.progress == 1.0 for goal in closed) == moment.car["met"][0]
        assert all(goal.words for goal in closed)
    assert max(moment.car["closed"][0] for moment in moments) >= 2


def test_what_was_said_stands_beside_what_was_heard(moments: list[Moment]) -> None:
    misheard = silent = 0
    for moment in moments:
        line = moment.scene.conversation[-1]
        if moment.over or line.speaker == "car":
            continue
        best = moment.told.heard[0][0] if moment.told.heard else None
        assert [one.confidence for one in line.heard] == pytest.approx(
            [confidence for _, confidence in moment.told.heard], abs=1e-4
        )
        spoke = moment.record["said"][0] != 13
        confidence = max([c for _, c in moment.told.heard], default=0.0)
        assert line.wrong == (spoke and (moment.told.user != best or line.silence > confidence))
        assert (line.said == "") == (not spoke)
        misheard, silent = misheard + line.wrong, silent + (not spoke)
    assert misheard >= 5
    assert silent >= 1


def test_every_act_adds_a_line_but_waiting_goes_on_in_one(moments: list[Moment]) -> None:
    waits = 0
    for before, now in itertools.pairwise(moments):
        old, lines = before.scene.conversation, now.scene.conversation
        if not now.info:
            continue
        if before.told.system == now.told.system == "wait()" and old[-1].speaker == "car":
            assert lines[0] == old[0]
            assert lines[-1 if lines[-1].speaker == "car" else -2].said != old[-1].said
            waits += 1
        else:
            assert len(lines) - len(old) in {1, 2} or len(lines) == 12
        assert "car" in {line.speaker for line in lines[-2:]}
    assert waits >= 3


def test_an_executed_window_moves_on_the_dashboard(road: str) -> None:
    env = CabinEnv(ontology="cabin", drive=road, ser=0.0)
    moved = 0
    for moment in watched(env, range(40)):
        system = moment.told.system
        if not system.startswith("execute(function=window") or moment.car["quieted"][0]:
            continue
        zone, position = (part.split("=")[1] for part in system[:-1].split(", ")[1:])
        actuators = moment.scene.actuators
        assert actuators is not None
        assert actuators.windows[zone] == POSITIONS[position]
        moved += 1
    assert moved >= 1


def test_a_quieted_cabin_is_shown_quiet(moments: list[Moment]) -> None:
    quiet = [m for m in moments if m.car["quieted"][0]]
    assert quiet
    for moment in quiet:
        actuators = moment.scene.actuators
        assert actuators is not None
        assert set(actuators.windows.values()) == {0.0}
        assert actuators.fan is not None and actuators.fan <= 1  # noqa: PT018


def test_beliefs_are_those_of_the_transcript(moments: list[Moment]) -> None:
    for moment in moments:
        if moment.over:
            continue
        shown = {belief.slot: belief for belief in moment.scene.beliefs}
        for slot, (_, mass) in moment.told.belief.items():
            if mass > 0.1001:
                assert shown[slot.replace("_", " ")].mass == pytest.approx(mass, abs=1e-4)


def test_a_benchmark_dialogue_has_no_road_and_no_car() -> None:
    for moment in watched(CabinEnv(ser=0.15), range(5)):
        scene = moment.scene
        assert scene.road.kind == "parked"
        assert (scene.actuators, scene.noise, scene.driver.load) == (None, None, None)
        assert scene.driver.goals[0].words


def test_a_car_without_windows_shows_none(tmp_path: Path) -> None:
    file = tmp_path / "bare.yaml"
    file.write_text(
        "name: bare\nfunctions:\n  fan:\n    slots:\n      fan_speed: {off: 0, one: 50, two: 100}\n"
        "    setting: fan_speed\n    signal:\n      path: Vehicle.Cabin.HVAC.FanSpeed\n"
        "      highest: 100\n      starts: [50]\n      source: fan\n",
        encoding="utf-8",
    )
    env = CabinEnv(ontology=str(file), drive="parked")
    env.reset(seed=0)
    actuators = Spectator(env.domain, env.simulator).begin().actuators

    assert actuators is not None
    assert not actuators.windows
    assert (actuators.sunroof, actuators.destination, actuators.media) == (None, None, None)
    assert actuators.fan == 2  # half of five levels, rounded to even


@pytest.mark.parametrize("driving", [True, False])
def test_rendering_changes_nothing(driving: bool, road: str) -> None:
    settings = {"ontology": "cabin", "drive": road} if driving else {"ser": 0.15}
    plain, shown = CabinEnv(**settings), CabinEnv(**settings, render_mode="rgb_array")
    policies = HandcraftedPolicy(plain), HandcraftedPolicy(shown)
    assert np.array_equal(plain.reset(seed=3)[0], shown.reset(seed=3)[0])
    for step in range(30):
        frame: Any = shown.render()
        assert frame.shape == (720, 1280, 3)
        assert frame.dtype == np.uint8
        action = policies[0].predict()[0]
        assert policies[1].predict()[0] == action
        first, second = plain.step(action), shown.step(action)
        next(shown.frames())
        assert np.array_equal(first[0], second[0])
        assert first[1:4] == second[1:4]
        assert plain.get_state().keys() == shown.get_state().keys()
        for name, array in plain.get_state().items():
            assert np.array_equal(array, shown.get_state()[name]), (step, name)
        if first[2] or first[3]:
            plain.reset(), shown.reset()


def test_a_state_that_is_taken_up_is_shown(road: str) -> None:
    env = CabinEnv(ontology="cabin", drive=road, render_mode="rgb_array")
    policy = HandcraftedPolicy(env)
    env.reset(seed=1)
    env.step(policy.predict()[0])
    shown: Any = env.render()
    state = env.get_state()
    while not any(env.step(policy.predict()[0])[2:4]):
        pass
    env.set_state(state)
    again: Any = env.render()

    assert np.array_equal(shown[:470, :760], again[:470, :760])  # road and dials
    assert len(list(env.frames())) == 1
    env.step(policy.predict()[0])


def test_frames_end_with_the_moment_that_render_shows(road: str) -> None:
    env = CabinEnv(ontology="cabin", drive=road, render_mode="rgb_array")
    policy = HandcraftedPolicy(env)
    env.reset(seed=1)
    env.step(policy.predict()[0])
    frames = list(env.frames())

    assert len(frames) >= 30
    assert np.array_equal(frames[-1], np.asarray(env.render()))
    assert not np.array_equal(frames[0], frames[-1])


def test_nothing_is_drawn_unless_asked_for() -> None:
    program = (
        "import sys; from rlkit.envs.cabin import CabinEnv, HandcraftedPolicy;"
        "env = CabinEnv(render_mode='ansi'); env.reset(seed=0); env.step(0); env.render();"
        "assert list(env.frames()) == []; env.close(); print('pygame' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.stdout == "False\n", done.stderr
