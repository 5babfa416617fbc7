"""Cars from YAML files: what loads, and what is said about the rest."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from rlkit.envs.cabin.ontology.domain import AT_MOST, CONFIRM, SPEED, UNSAFE, Domain
from rlkit.envs.cabin.ontology.loading import SHIPPED, load_ontology

CAR = """name: small
functions:
  eat:
    weight: 2
    ontology: restaurants.yaml
  sleep:
    table: hotels.csv
    entity: title
    informable: [area, price]
    requestable: [title, phone, food]
    values: {area: [west]}
  window:
    slots:
      zone: [front, rear]
      position: {closed: 0, half: 50, open: 100}
    zone: zone
    setting: position
    confirm: yes
    missing: {position: [half]}
    signal:
      path: {rear: Window.Rear, front: Window.Front}
      unit: percent
      highest: 100
      starts: [0, 50]
      source: window
  heating:
    slots:
      zone: [front]
      warmth: [no, low, high]
    zone: zone
    setting: warmth
    signal: {path: {front: Seat.Front}, highest: 2}
  fan:
    slots: {level: [0, 20, 40], mode:}
    setting: level
    signal: {path: Fan, highest: 40, source: fan}
    optional: {mode: {level: [20, 40]}}
  mode:
    slots: {mode: [auto, manual]}
signals:
  lock: {path: Lock, starts: [0, 1]}
rules:
  heat needs closed windows:
    function: heating
    conditions: {warmth: [low, high]}
    require: {window: {at_most: closed}}
    effect: confirm
  lock:
    function: window
    conditions: {zone: [rear], position: [open]}
    require: {lock: {at_most: 0}}
    effect: unsafe
  speed:
    function: window
    require: {speed_kmh: {at_most: 36}}
    effect: unsafe
"""
RESTAURANTS = """name: restaurants
table: restaurants.csv
informable: [food, area]
requestable: [name, phone]
"""


def write(folder: Path, car: str = CAR) -> Path:
    (folder / "restaurants.csv").write_text(
        "name,food,area,phone\nRice,thai,north,1\nPie,,east,2\n", "utf-8"
    )
    (folder / "hotels.csv").write_text(
        "title,area,price,phone,food\nInn,north,low,3,yes\n", "utf-8"
    )
    (folder / "restaurants.yaml").write_text(RESTAURANTS, "utf-8")
    path = folder / "car.yaml"
    path.write_text(car, "utf-8")
    return path


@pytest.fixture
def small(tmp_path: Path) -> Domain:
    return load_ontology(write(tmp_path))


def test_slots_of_the_same_name_are_one(small: Domain) -> None:
    assert small.values[0] == ("eat", "sleep", "window", "heating", "fan", "mode")
    assert small.slots == (
        "function", "food", "area", "price", "zone", "position", "warmth", "level", "mode"
    )  # fmt: skip
    assert small.values[2] == ("east", "north", "west")
    assert small.values[4] == ("front", "rear")
    assert small.values[8] == ("auto", "manual")


def test_places_lie_below_each_other(small: Domain) -> None:
    eat, sleep = small.functions[:2]

    assert small.venues == ("Rice", "Pie", "Inn")
    assert (eat.venues, sleep.venues) == ((0, 2), (2, 3))
    assert (eat.slots, sleep.slots) == ((1, 2), (2, 3))
    assert eat.weight == 2.0
    assert small.cells[:, :4].tolist() == [[0, 0, 1, -1], [0, -1, 0, -1], [1, -1, 1, 0]]
    assert (small.cells[:, 4:] == -1).all()
    assert small.cells.dtype == np.int16


def test_private_attributes_are_shared_and_never_named_as_a_slot(small: Domain) -> None:
    assert small.entity == "name"
    assert small.private == ("phone", "sleep_food")
    assert [function.private for function in small.functions[:2]] == [(0,), (0, 1)]
    assert small.attributes == (("1", ""), ("2", ""), ("3", "yes"))


def test_commands_set_signals(small: Domain) -> None:
    window, heating, fan, mode = small.functions[2:]

    assert [small.signals[k].path for k in window.signals] == ["Window.Front", "Window.Rear"]
    assert (window.zone, window.setting, window.confirm) == (4, 5, True)
    assert window.missing == ((5, (1,)),)
    assert small.levels[5] == (0.0, 50.0, 100.0)
    signal = small.signals[window.signals[1]]
    assert (signal.lowest, signal.highest, signal.starts) == (0.0, 100.0, (0.0, 50.0))
    assert (signal.unit, signal.source) == ("percent", "window")
    # The rear exists, but not for the heating.
    assert heating.missing == ((4, (1,)),)
    assert len(heating.signals) == 2
    assert small.levels[6] == (0.0, 1.0, 2.0)
    assert small.levels[7] == (0.0, 20.0, 40.0)  # a list of numbers: each is its own level
    assert fan.optional == ((8, 7, (1, 2)),)
    assert (mode.signals, mode.setting, small.levels[8]) == ((), None, ())
    assert small.signals[-1].path == "Lock"


def test_rules(small: Domain) -> None:
    front, rear, lock, speed = small.rules

    assert (front.name, rear.name) == (
        "heat needs closed windows (front)",
        "heat needs closed windows (rear)",
    )
    assert [small.signals[rule.signal].path for rule in (front, rear)] == [
        "Window.Front",
        "Window.Rear",
    ]
    assert (front.function, front.conditions) == (3, ((6, (1, 2)),))
    assert (front.comparison, front.threshold, front.effect) == (AT_MOST, 0.0, CONFIRM)
    assert (lock.conditions, lock.effect) == (((4, (1,)), (5, (2,))), UNSAFE)
    assert (speed.signal, speed.conditions) == (SPEED, ())
    assert speed.threshold == pytest.approx(10.0)  # [m/s]


def commands(count: int, slots: int = 1, values: int = 2) -> str:
    """Return functions with slots of their own."""
    text = "name: large\nfunctions:\n"
    for number in range(count):
        text += f"  f{number}:\n    slots:\n"
        for slot in range(slots):
            text += f"      s{number}_{slot}: [{', '.join(f'v{k}' for k in range(values))}]\n"
    return text


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("zone: zone\n    setting: pos", "zone: zoen\n    setting: pos", "line 16, .*'zone'"),
        ("setting: position", "setting: posit", "line 17, .*Did you mean 'position'"),
        ("    setting: position\n", "", "line 12, .*needs a `setting`"),
        ("half: 50", "half: fifty", "line 15, functions.window.slots.position.half: .*'fifty'"),
        ("half: 50", "half: nan", "a level is a number, got 'nan'"),
        ("half: 50", "half: 101", "line 15, .*'half' sets 101, outside 0 ... 100"),
        ("half: 50, open", "half: 50, half", "line 15: 'half' occurs twice"),
        ("zone: [front, rear]", "zone: [front, front]", "line 14, .*'front' occurs twice"),
        ("zone: [front, rear]", "zone: []", "line 14, .*values are a list"),
        ("zone: [front, rear]", "zone: [[front]]", "a value is a word"),
        ("zone: [front, rear]", "zone: front", "line 14, .*values are a list"),
        ("rear: Window.Rear, ", "", "line 21, .*no path for 'rear'"),
        ("rear: Window.Rear", "raer: Window.Rear", "line 21, .*Did you mean 'rear'"),
        ("{rear: Window.Rear, front: Window.Front}", "W", "a path for each value of 'zone'"),
        ("Window.Rear", "Window.Front", "'Window.Front' is set twice"),
        ("starts: [0, 50]", "starts: [0, 500]", "line 24, .*500 is outside 0 ... 100"),
        ("starts: [0, 50]", "starts: []", "line 24, .*at least 1 item"),
        ("highest: 100", "highest: -1", "line 20, .*the range 0 ... -1 is empty"),
        ("highest: 100", "highest: many", "line 23, .*valid number.*'many'"),
        ("highest: 100", "hihgest: 100", "line 23, .*Did you mean 'highest'"),
        ("source: window", "source: windwo", "line 25, .*Did you mean 'window'"),
        ("confirm: yes", "confirm: perhaps", "line 18, .*valid boolean.*'perhaps'"),
        ("missing: {position: [half]}", "missing: {positoin: [half]}", "line 19, .*'position'"),
        ("missing: {position: [half]}", "missing: {position: [hafl]}", "line 19, .*'half'"),
        ("[half]", "[half, closed, open]", "no value of 'position' is left"),
        ("weight: 2", "weight: 0", "line 4, .*greater than 0"),
        (
            "ontology: restaurants.yaml",
            "ontology: car.yaml",
            "line 5, .*line 2, functions: unknown",
        ),
        ("ontology: restaurants.yaml", "ontology: no.yaml", "line 5, .*there is no file"),
        ("table: hotels.csv", "table: hotel.csv", "line 7, .*there is no table"),
        ("informable: [area, price]", "informable: [area, prcie]", "line 9, .*'price'"),
        ("    table: hotels.csv\n", "", "line 6, functions.sleep: a function has a `table`"),
        ("table: hotels.csv", "table: hotels.csv\n    slots: {}", "has table and slots"),
        ("mode: [auto, manual]", "mode:", "no function gives the values of 'mode'"),
        ("mode: [auto, manual]", "function: [auto]", "cannot be called 'function'"),
        ("level: [0, 20, 40]", "name: [a], level: [0, 20, 40]", "'name' names a place"),
        ("mode: [auto, manual]", "level: {a: 1, 20: 21}", "'20' is 21 here and 20 in an earlier"),
        ("optional: {mode: ", "optional: {moed: ", "line 37, .*Did you mean 'mode'"),
        ("optional: {mode: {level", "optional: {mode: {levle", "line 37, .*'level'"),
        ("optional: {mode: {level", "optional: {level: {mode", "'level' is always needed"),
        ("lock: {path: Lock", "fan: {path: Lock", "line 41, .*'fan' is a function"),
        ("lock: {path: Lock", "lock: {path: {a: Lock}", "without a function has one path"),
        ("function: heating", "function: heatnig", "line 44, .*Did you mean 'heating'"),
        ("function: heating", "function: eat", "unknown command 'eat'"),
        ("{warmth: [low, high]}", "{warmth: [low, hihg]}", "line 45, .*Did you mean 'high'"),
        ("{warmth: [low, high]}", "{position: [open]}", "line 45, .*unknown slot 'position'"),
        ("{window: {at_most", "{windwo: {at_most", "line 46, .*Did you mean 'window'"),
        ("{window: {at_most", "{window: {atmost", "line 46, .*Did you mean 'at_most'"),
        ("{at_most: closed}", "{at_most: clsoed}", "line 46, .*one of closed, half, open"),
        ("{lock: {at_most: 0}}", "{lock: {at_most: 0, at_least: 1}}", "give one of"),
        ("{lock: {at_most: 0}}", "{}", "line 51, .*at least 1 item"),
        ("effect: confirm", "effect: warn", "line 47, .*unknown effect 'warn'"),
        ("rules:", "rule:", "line 42, rule: .*Did you mean 'rules'"),
        ("name: small\n", "", "car.yaml, name: Field required"),
        (CAR, "name: x\nfunctions: {}\n", "line 2, functions: .*at least 1 item"),
        (CAR, "name: x\nfunctions: [a]\n", "line 2, functions: .*valid dictionary"),
        (CAR, "name: x\nfunctions: {a: }\n", "line 2, functions.a: .*valid dictionary"),
        (CAR, commands(25), "at most 24 items"),
        (CAR, commands(8, slots=4), "'s7_3' is slot 33, 'function' included; the limit is 32"),
        (CAR, commands(1, values=65), "'s0_0' has 65 values; the limit of a slot of a command is"),
        (CAR, commands(1, values=10_000), "'s0_0' has 10000 values; the limit"),
    ],
)
def test_errors_name_line_and_field(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in CAR
    with pytest.raises(ValueError, match=message) as raised:
        load_ontology(write(tmp_path, CAR.replace(old, new, 1)))
    assert str(tmp_path) in str(raised.value)


def test_limits_of_signals_and_rules(tmp_path: Path) -> None:
    signals = "".join(f"  x{k}: {{path: X{k}}}\n" for k in range(45))
    with pytest.raises(ValueError, match="has 49 signals; the limit is 48"):
        load_ontology(write(tmp_path, CAR.replace("signals:\n", "signals:\n" + signals)))
    rule = "    function: fan\n    require: {{window: {{at_most: {0}}}}}\n    effect: unsafe\n"
    rules = "".join(f"  r{k}:\n{rule.format(k)}" for k in range(15))
    with pytest.raises(ValueError, match="has 34 rules, zones counted; the limit is 32"):
        load_ontology(write(tmp_path, CAR.replace("rules:\n", "rules:\n" + rules)))


def test_words_stay_words(tmp_path: Path) -> None:
    car = "name: on\nfunctions:\n  light:\n    slots: {state: [off, on, no, ~, 007, 1.0]}\n"

    assert load_ontology(write(tmp_path, car)).values[1] == ("off", "on", "no", "~", "007", "1.0")


def cabin_copy(folder: Path) -> tuple[Path, dict[str, Any]]:
    """Copy the tables of the shipped car; return a path for its YAML, and its content."""
    for table in SHIPPED.glob("*.csv"):
        shutil.copy(table, folder)
    content = yaml.load((SHIPPED / "cabin.yaml").read_text("utf-8"), yaml.BaseLoader)  # noqa: S506
    del content["sentences"]
    return folder / "cabin.yaml", content


JUNK = st.sampled_from(
    ["", "x", "0", "-1", "nan", "1e999", "é", [], {}, ["a"], {"a": "b"}, [["a"]], {"a": {"b": "c"}}]
)


@settings(max_examples=30)
@given(data=st.data())
def test_a_spoilt_part_gives_a_message_with_its_file(tmp_path: Path, data: st.DataObject) -> None:
    path, content = cabin_copy(tmp_path)
    part: Any = content
    while True:
        key = data.draw(st.sampled_from([*part] if isinstance(part, dict) else range(len(part))))
        if not part[key] or isinstance(part[key], str) or data.draw(st.integers(0, 3)) == 0:
            break
        part = part[key]
    action = data.draw(st.sampled_from(["replace", "remove", "rename"]))
    was = part[key]
    if action == "replace" or not isinstance(part, dict):
        part[key] = data.draw(JUNK)
    else:
        del part[key]
        if action == "rename":
            part[data.draw(st.sampled_from(["x", "é", "zone", "", "0"]))] = was
    path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), "utf-8")
    try:
        assert load_ontology(path).slots[0] == "function"
    except ValueError as error:
        assert str(path) in str(error)  # noqa: PT017 (it need not be raised)


@settings(max_examples=60)
@given(data=st.data())
def test_a_spoilt_text_gives_a_message_with_its_file(tmp_path: Path, data: st.DataObject) -> None:
    path = write(tmp_path)
    place = data.draw(st.integers(0, len(CAR)))
    length = data.draw(st.integers(0, 30))
    junk = data.draw(
        st.text(max_size=10) | st.sampled_from(["&a", "*a", "<<: ", "? ", "!!int ", "\t"])
    )
    spoilt = CAR[:place] + junk + CAR[place + length :]
    path.write_bytes(spoilt.encode("utf-8", "surrogatepass"))
    try:
        assert load_ontology(path).slots[0] == "function"
    except ValueError as error:
        assert str(path) in str(error)  # noqa: PT017 (it need not be raised)


WORDS = st.text("abcdefgh é0_", min_size=1, max_size=8).map(str.strip).filter(bool)


@st.composite
def cars(draw: st.DrawFn) -> dict[str, Any]:
    """Draw the content of a car's file; its places are those of `write`."""
    names = draw(st.lists(WORDS, min_size=2, max_size=6, unique=True))
    slots = {
        slot: draw(st.lists(WORDS, min_size=1, max_size=8, unique=True))
        for slot in draw(st.lists(WORDS, min_size=1, max_size=4, unique=True))
        if slot not in {"function", "name"}
    } or {"some": ["value"]}
    functions: dict[str, Any] = {names[0]: {"ontology": "restaurants.yaml"}}
    for number, name in enumerate(names[1:]):
        own = draw(st.lists(st.sampled_from([*slots]), min_size=1, max_size=3, unique=True))
        command: dict[str, Any] = {"slots": {slot: slots[slot] for slot in own}}
        command["weight"] = draw(st.floats(0.1, 10))
        command["confirm"] = draw(st.booleans())
        if draw(st.booleans()):
            numbers = any(value.isdigit() for value in slots[own[0]])
            command["setting"] = own[0]
            command["signal"] = {"path": f"Signal.{number}", "highest": 1e6 if numbers else 10}
        if command.get("setting") and len(own) > 1 and draw(st.booleans()):
            command["zone"] = own[1]
            paths = {value: f"Signal.{number}.{value}" for value in slots[own[1]]}
            command["signal"]["path"] = paths
        functions[name] = command
    return {"name": draw(WORDS), "functions": functions}


@settings(max_examples=30)
@given(car=cars())
def test_random_cars_load(tmp_path: Path, car: dict[str, Any]) -> None:
    domain = load_ontology(
        write(tmp_path, yaml.safe_dump(car, allow_unicode=True, sort_keys=False))
    )

    assert [function.name for function in domain.functions] == [*car["functions"]]
    assert len(set(domain.requestables)) == len(domain.requestables)
    for function in domain.functions:
        given = car["functions"][function.name].get("slots", {"food": 0, "area": 0})
        assert [domain.slots[slot] for slot in function.slots] == [*given]
        if function.setting is not None:
            assert len(domain.levels[function.setting]) == len(domain.values[function.setting])
        if function.signals:
            zones = 1 if function.zone is None else len(domain.values[function.zone])
            assert len(function.signals) == zones
