"""The assistant in a real car: it does what it does in the simulator, and refuses bad input."""

import math
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rlkit.envs.cabin import Assistant, CabinEnv, HandcraftedPolicy
from rlkit.envs.cabin.car.road import row_after
from rlkit.envs.cabin.car.vehicle import reading
from rlkit.envs.cabin.language.notation import act_text, parse_act, parse_heard
from rlkit.envs.cabin.live.assistant import Reply
from rlkit.envs.cabin.roads.rows import MANOEUVRES, ROADS
from rlkit.envs.cabin.state.acts import USER_ACTS
from rlkit.envs.cabin.state.record import as_records
from rlkit.envs.cabin.state.tables import Tables
from tests.envs.cabin.roads import write_motorway

LOAD = "Vehicle.Driver.DistractionLevel"
PARKED = {
    "Vehicle.Speed": 0.0,
    "Vehicle.Acceleration.Longitudinal": 0.0,
    "Vehicle.ADAS.ObstacleDetection.Front.Center.Distance": math.inf,
    "Vehicle.ADAS.ObstacleDetection.Front.Center.TimeGap": math.inf,
    "Vehicle.Private.Road.Headway": math.inf,
    "Vehicle.Body.Raindetection.Intensity": 0.0,
    "Vehicle.Private.Road.Class": "parked",
    "Vehicle.Private.Road.Manoeuvre": "keep",
    LOAD: 0.0,
}


@pytest.fixture(scope="module")
def road(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(write_motorway(tmp_path_factory.mktemp("roads") / "motorway.csv"))


def settings_of(env: CabinEnv) -> dict[str, Any]:
    """Return what the cabin's signals read now."""
    tables = Tables(*(as_records(array) for array in env.simulator.tables))
    car = as_records(env.simulator.state.car)[0]
    return {s.path: reading(tables, car, k) for k, s in enumerate(env.domain.signals)}


def signals_of(env: CabinEnv) -> dict[str, Any]:
    """Return what a car would measure where the simulator is."""
    car = as_records(env.simulator.state.car)[0]
    row = env.simulator.tables.road[row_after(car, 0.0)]
    return {
        "Vehicle.Speed": float(row["speed"]) * 3.6,
        "Vehicle.Acceleration.Longitudinal": float(row["acceleration"]),
        "Vehicle.ADAS.ObstacleDetection.Front.Center.Distance": float(row["gap"]),
        "Vehicle.ADAS.ObstacleDetection.Front.Center.TimeGap": 1000.0
        * float(row["time_to_collision"]),
        "Vehicle.Private.Road.Headway": float(row["headway"]),
        "Vehicle.Body.Raindetection.Intensity": 100.0 * float(row["rain"]),
        "Vehicle.Private.Road.Class": ROADS[row["road"]],
        "Vehicle.Private.Road.Manoeuvre": MANOEUVRES[row["manoeuvre"]],
        LOAD: 100.0 * float(car.load),
        **settings_of(env),
    }


def heard_by(env: CabinEnv) -> list[tuple[str, float]]:
    """Return the recogniser's list as text; a few lists are not in order."""
    record = env.simulator.record[0]
    heard = [
        (act_text(env.domain, record["heard"][k]), float(record["confidence"][k]))
        for k in range(record["heard_count"])
    ]
    return sorted(heard, key=lambda one: -one[1])


def both(env: CabinEnv, assistant: Assistant, seeds: range) -> Iterator[tuple[Any, Reply]]:
    """Play dialogues in the simulator and, fed with what was heard, in the assistant."""
    policy = HandcraftedPolicy(env)
    for seed in seeds:
        observation, info = env.reset(seed=seed)
        assistant.begin()
        clock, over = 0.0, False
        while not over:
            record, now = env.simulator.record[0], float(env.simulator.state.car["clock"][0])
            own = assistant._mind.record  # the same chance for both
            own["key"], own["counter"] = record["key"], record["counter"]
            reply = assistant.hear(heard_by(env), signals_of(env), now - clock)
            yield (observation, info["action_mask"], policy.predict()[0]), reply
            clock = now
            observation, _, terminated, truncated, info = env.step(reply.action)
            over = terminated or truncated
            assert reply.act == env.exchange().system
            assert reply.over == (reply.name == "bye")


@pytest.mark.parametrize("where", ["motorway", "parked"])
def test_simulated_dialogues_fed_to_it_give_the_same_acts(where: str, road: str) -> None:
    env = CabinEnv(ontology="cabin", drive=road if where == "motorway" else "parked")
    assistant = Assistant("handcrafted")
    names = set()
    for (observation, mask, action), reply in both(env, assistant, range(20)):
        np.testing.assert_array_equal(assistant.observation, observation)
        np.testing.assert_array_equal(assistant.action_masks(), mask.astype(bool))
        assert reply.action == action
        names.add(reply.name.partition("_")[0])
    assert {"request", "confirm", "inform", "execute", "refuse", "quiet"} <= names


@pytest.mark.parametrize("observation", ["dict", "history", "pixels"])
def test_other_observations_are_the_same_too(observation: str, road: str) -> None:
    env = CabinEnv(ontology="cabin", drive=road, observation=observation)
    assistant = Assistant("handcrafted", observation=observation)
    assert assistant.observation_space == env.observation_space
    for (seen, _, action), reply in both(env, assistant, range(3)):
        np.testing.assert_equal(assistant.observation, seen)
        assert reply.action == action


def test_the_load_is_estimated_where_nobody_measures_it(road: str) -> None:
    """Every other number is exact; of the load only corrections that were misheard are missed."""
    env, assistant = CabinEnv(ontology="cabin", drive=road), Assistant("handcrafted")
    place = env.feature_names.index("driver/load")
    policy, near = HandcraftedPolicy(env), []
    for seed in range(30):
        observation, _ = env.reset(seed=seed)
        assistant.begin()
        clock, over = 0.0, False
        while not over:
            record, now = env.simulator.record[0], float(env.simulator.state.car["clock"][0])
            own = assistant._mind.record
            own["key"], own["counter"] = record["key"], record["counter"]
            signals = {path: value for path, value in signals_of(env).items() if path != LOAD}
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                reply = assistant.hear(heard_by(env), signals, now - clock)
            difference = np.abs(assistant.observation - observation)
            near.append(difference[place] < 0.01)
            difference[place] = 0.0
            assert not difference.any()
            clock = now
            if reply.action != policy.predict()[0]:
                break  # another load, another act: from here on it is another dialogue
            observation, _, terminated, truncated, _ = env.step(reply.action)
            over = terminated or truncated
    assert np.mean(near) > 0.7


def test_every_act_that_is_heard_is_read_as_it_was_written(road: str) -> None:
    """`parse_act` is the inverse of `act_text` for all that drivers and assistants say."""
    seen = set()
    for settings in ({"ontology": "cabin", "drive": road}, {"ser": 0.3}, {"ontology": "venues11"}):
        env = CabinEnv(**settings)
        policy = HandcraftedPolicy(env)
        for seed in range(15):
            env.reset(seed=seed)
            over = False
            while not over:
                record = env.simulator.record[0]
                heard = record["heard"][: record["heard_count"]]
                for act in (record["said"], record["system"], *heard):
                    again = parse_act(env.domain, act_text(env.domain, act))
                    size = 2 + 2 * act[1]
                    np.testing.assert_array_equal(again[:size], act[:size])
                    seen.add(act_text(env.domain, act).partition("(")[0])
                for act in heard:
                    parse_heard(env.domain, act_text(env.domain, act))
                over = bool(env.step(policy.predict()[0])[2])
    assert {"inform", "request", "affirm", "negate", "deny", "bye", "execute"} <= seen


class Talk:
    """A conversation with a parked car."""

    def __init__(self, policy: Any = "handcrafted", **arguments: Any) -> None:
        self.assistant = Assistant(policy, **arguments)
        domain = self.assistant.domain
        self.signals: dict[str, Any] = {**PARKED, **{s.path: s.starts[0] for s in domain.signals}}

    def hear(self, *heard: tuple[Any, float], seconds: Any = 4.0, **changes: Any) -> Reply:
        """Let it hear something."""
        return self.assistant.hear(list(heard), {**self.signals, **changes}, seconds)


@pytest.fixture
def talk() -> Talk:
    return Talk()


def test_a_window_is_opened(talk: Talk) -> None:
    assert talk.assistant.begin() == "Hello, how can I help?"

    reply = talk.hear(("inform(function=window, zone=driver)", 0.9))
    assert (reply.act, reply.words) == ("request(position)", "How far shall I open it?")
    assert reply.settings == {}
    reply = talk.hear(("inform(position=half)", 0.95))
    assert reply.act == "execute(function=window, zone=driver, position=half)"
    assert reply.settings == {"Vehicle.Cabin.Door.Row1.DriverSide.Window.Position": 50.0}
    assert not reply.over

    reply = talk.hear(("bye()", 0.9))
    assert (reply.name, reply.over) == ("bye", True)
    with pytest.raises(ValueError, match="call begin"):
        talk.hear()
    talk.assistant.begin()
    assert talk.hear().name == "request_function"


def test_nothing_is_opened_at_speed(talk: Talk) -> None:
    reply = talk.hear(
        ("inform(function=window, zone=driver, position=open)", 0.97), **{"Vehicle.Speed": 130.0}
    )

    assert reply.name == "refuse"
    assert reply.settings == {}


def test_speed_is_in_kilometres_an_hour() -> None:
    for speed, name in ((99.0, "execute"), (101.0, "refuse")):
        reply = Talk().hear(
            ("inform(function=window, zone=driver, position=open)", 0.97),
            **{"Vehicle.Speed": speed},
        )
        assert reply.name == name


def test_quieting_tells_what_to_set(talk: Talk) -> None:
    window, fan = (
        "Vehicle.Cabin.Door.Row1.PassengerSide.Window.Position",
        "Vehicle.Cabin.HVAC.Station.Row1.Driver.FanSpeed",
    )
    loud = {window: 50.0, fan: 80.0, "Vehicle.Speed": 120.0}
    reply = talk.hear(("hello()", 0.5), **loud)

    assert reply.name == "quiet"
    assert reply.settings[window] == 0.0
    assert reply.settings[fan] == 20.0
    assert talk.hear(**loud).name != "quiet"


def test_it_waits_in_a_manoeuvre(talk: Talk) -> None:
    busy = {
        "Vehicle.Speed": 120.0,
        "Vehicle.Private.Road.Class": "motorway",
        "Vehicle.Private.Road.Manoeuvre": "lane change",
        LOAD: 90.0,
    }
    assert talk.hear(("inform(function=window)", 0.9), **busy).name == "wait"
    assert talk.hear(seconds=1.0).name == "request_zone"


def test_a_place_and_its_phone(talk: Talk) -> None:
    reply = talk.hear(("inform(function=navigate, place_type=hospital)", 0.95))
    assert reply.name == "inform"
    assert "place_type=hospital" in reply.act
    value, mass = talk.assistant.beliefs["place_type"]
    assert value == "hospital"
    assert mass == pytest.approx(0.95)
    reply = talk.hear(("request(phone)", 0.95))
    assert reply.name == "inform_byname"
    assert reply.act.endswith("phone)")


def test_acts_may_come_parsed(talk: Talk) -> None:
    domain = talk.assistant.domain
    texts = ["inform(function=window, zone=driver)", "inform(position=half)"]
    parsed = [parse_act(domain, text) for text in texts]
    replies = [talk.hear((act, 0.9)) for act in parsed]

    other = Talk()
    assert replies == [other.hear((text, 0.9)) for text in texts]


@pytest.mark.parametrize(
    ("heard", "message"),
    [
        ([("informs(zone=driver)", 0.9)], "hypothesis 0: unknown act 'informs'. Did you mean 'inf"),
        ([("execute(function=fan)", 0.9)], "unknown act 'execute'"),
        ([("inform(zonne=driver)", 0.9)], "unknown slot 'zonne'. Did you mean 'zone'"),
        ([("inform(zone=driverr)", 0.9)], "unknown value of 'zone' 'driverr'. Did you mean 'driv"),
        ([("inform(phone=1234)", 0.9)], "'phone' can only be asked for"),
        ([("inform(zone)", 0.9)], "'zone' has no value"),
        ([("inform zone driver", 0.9)], r"written like inform\(slot=value"),
        ([("", 0.9)], "written like"),
        ([("inform(zone=driver", 0.9)], "written like"),
        ([("inform(" + "zone=driver, " * 12 + "zone=driver)", 0.9)], "at most 12 items"),
        ([("hello()", 0.9), ("bye()", 1.2)], r"hypothesis 1: .* \(0, 1\], got 1.2"),
        ([("hello()", -0.1)], r"\(0, 1\], got -0.1"),
        ([("hello()", 0.0)], r"\(0, 1\], got 0"),
        ([("hello()", math.nan)], r"\(0, 1\], got nan"),
        ([("hello()", 0.2), ("bye()", 0.5)], "the best hypothesis comes first"),
        ([("hello()", 0.7), ("bye()", 0.5)], "sum to 1.2"),
        ([(np.zeros(3, np.int16), 0.5)], "int16 of shape"),
        ([(np.full(26, 99, np.int16), 0.5)], "no act of a driver"),
    ],
)
def test_wrong_hypotheses(talk: Talk, heard: list[tuple[Any, float]], message: str) -> None:
    before = talk.assistant._mind.record.copy()
    with pytest.raises(ValueError, match=message):
        talk.hear(*heard)

    assert np.array_equal(before, talk.assistant._mind.record)


def test_acts_out_of_the_ontology_never_reach_a_kernel(talk: Talk) -> None:
    rng = np.random.default_rng(0)
    good = 0
    for _ in range(2000):
        act = rng.integers(-4, 40, 26).astype(np.int16)
        act[1] = rng.integers(0, 4)
        try:
            parse_heard(talk.assistant.domain, act)
        except ValueError:
            continue
        good += 1
        assert act[0] < len(USER_ACTS)
        assert parse_act(talk.assistant.domain, act_text(talk.assistant.domain, act)) is not None
    assert good > 100


@pytest.mark.parametrize("seconds", [-1.0, math.nan, math.inf])
def test_wrong_seconds(talk: Talk, seconds: float) -> None:
    with pytest.raises(ValueError, match="seconds since"):
        talk.hear(seconds=seconds)


def test_words_and_truth_values_are_signals_too(talk: Talk) -> None:
    names = talk.assistant.feature_names
    talk.hear(
        **{
            "Vehicle.Cabin.Infotainment.Media.Played.Source": "bluetooth",
            "Vehicle.Cabin.HVAC.IsAirConditioningActive": True,
        }
    )
    seen = dict(zip(names, talk.assistant.observation, strict=True))

    assert seen["signal/Vehicle.Cabin.Infotainment.Media.Played.Source"] == 0.5  # 2 of 0 ... 4
    assert seen["signal/Vehicle.Cabin.HVAC.IsAirConditioningActive"] == 1.0


def test_what_is_missing_is_said_once_and_taken_on_the_safe_side() -> None:
    assistant = Assistant("handcrafted")
    heard = [("inform(function=window, zone=rear left, position=quarter)", 0.97)]
    with pytest.warns(UserWarning, match=r"missing: Vehicle.Speed \(is it 'Vehicle.Sped'"):
        reply = assistant.hear(heard, {"Vehicle.Sped": 30.0}, 0.0)
    seen = dict(zip(assistant.feature_names, assistant.observation, strict=True))

    assert reply.name == "refuse"  # nobody knows whether the child lock is on
    assert seen["road/speed"] == pytest.approx(120 / 3.6 / 50.0)
    assert seen["road/headway"] == seen["road/time_to_collision"] == 1.0
    assert seen["road/class=motorway"] == 1.0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assistant.hear([], {"Vehicle.Speed": 30.0}, 1.0)


def test_a_signal_that_drops_out_keeps_its_last_value(talk: Talk) -> None:
    fan = "Vehicle.Cabin.HVAC.Station.Row1.Driver.FanSpeed"
    place = talk.assistant.feature_names.index(f"signal/{fan}")
    talk.hear(**{fan: 40.0})  # not so loud that the assistant quiets the cabin
    with pytest.warns(UserWarning, match=fan):
        talk.hear(**{fan: None})

    assert talk.assistant.observation[place] == np.float32(0.4)


@pytest.mark.parametrize(
    ("speed", "indicator", "manoeuvre", "road"),
    [
        (120.0, True, "lane_change", "motorway"),
        (50.0, True, "turn", "city"),
        (0.0, False, "keep", "parked"),
    ],
)
def test_the_road_is_guessed_from_speed_and_indicators(
    speed: float, indicator: bool, manoeuvre: str, road: str
) -> None:
    talk = Talk()
    del talk.signals["Vehicle.Private.Road.Class"], talk.signals["Vehicle.Private.Road.Manoeuvre"]
    signals = {
        "Vehicle.Speed": speed,
        "Vehicle.Body.Lights.DirectionIndicator.Left.IsSignaling": indicator,
    }
    with pytest.warns(UserWarning, match="Road.Class"):
        talk.hear(**signals)
    seen = dict(zip(talk.assistant.feature_names, talk.assistant.observation, strict=True))

    assert seen[f"road/manoeuvre={manoeuvre}"] == 1.0
    assert seen[f"road/class={road}"] == 1.0


def test_more_than_five_hypotheses_are_cut_and_said(talk: Talk) -> None:
    heard = [("hello()", 0.3), *[("inform(zone=driver)", 0.1)] * 6]
    with pytest.warns(UserWarning, match="7 hypotheses came"):
        talk.hear(*heard)

    value, mass = talk.assistant.beliefs["zone"]
    assert value == "driver"
    assert mass == pytest.approx(0.4)
    place = talk.assistant.feature_names.index("dialogue/unheard")
    assert talk.assistant.observation[place] == pytest.approx(0.3)


def test_any_policy_plays() -> None:
    asked: list[Any] = []

    class Waits:
        """In the interface of Stable-Baselines3's masked agents."""

        def predict(
            self,
            observation: Any,
            state: Any = None,
            episode_start: Any = None,
            deterministic: bool = False,
            action_masks: Any = None,
        ) -> tuple[Any, Any]:
            del episode_start, deterministic
            asked.append((observation.shape, action_masks.sum()))
            return np.int64(names.index("wait")), state

    names = Assistant("handcrafted").action_names
    talk = Talk(Waits())
    assert talk.hear(("hello()", 0.9)).name == "wait"
    assert asked == [(talk.assistant.observation_space.shape, talk.assistant.action_masks().sum())]
    with pytest.raises(ValueError, match="Did you mean 'handcrafted'"):
        Assistant("handcraft")
    with pytest.raises(TypeError, match="no policy"):
        Assistant(object())


def test_venues_work_in_a_car_too() -> None:
    talk = Talk(ontology="venues3")
    reply = talk.hear(("inform(food=dontcare, area=north)", 0.95))

    assert reply.name in {"inform", "request_pricerange"}
    assert reply.settings == {}


def test_values_with_commas(tmp_path: Path) -> None:
    table = tmp_path / "places.csv"
    table.write_text('name,area\n"Smith, Sons",north\nSmith,south\n', encoding="utf-8")
    file = tmp_path / "places.yaml"
    file.write_text(
        "name: places\ntable: places.csv\nentity: name\ninformable: [area]\nrequestable: [name]\n",
        encoding="utf-8",
    )
    domain = Assistant("handcrafted", str(file)).domain
    for text in ("inform(name=Smith, Sons, area=north)", "inform(name=Smith, area=north)"):
        assert act_text(domain, parse_act(domain, text)) == text
    with pytest.raises(ValueError, match="unknown slot 'Daughters'"):
        parse_act(domain, "inform(name=Smith, Daughters)")
