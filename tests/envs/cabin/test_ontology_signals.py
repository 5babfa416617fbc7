"""What a car's file says of the values of its signals: types, texts, switches."""

from pathlib import Path

import pytest

from rlkit.envs.cabin.ontology.domain import Switch
from rlkit.envs.cabin.ontology.loading import load_ontology
from rlkit.envs.cabin.ontology.vss import from_vss, to_vss, words_of

CAR = """name: small
functions:
  air:
    slots: {direction: [feet, face]}
    setting: direction
    signal:
      path: Air
      datatype: string
      texts: {feet: DOWN, face: [MIDDLE, CENTRE]}
  roof:
    slots: {roof: {closed: 0, half: 50}}
    setting: roof
    signal:
      path: Roof.Position
      datatype: int8
      lowest: -100
      highest: 100
      switch:
        path: Roof.Switch
        moves: {closed: CLOSE, half: {below: OPEN, above: CLOSE}}
  lamp:
    slots: {state: [off, on]}
    setting: state
    signal: {path: Lamp, datatype: boolean}
  gain:
    slots: {gain: {soft: 0.25, hard: 0.75}}
    setting: gain
    signal: {path: Gain}
signals:
  lock: {path: Lock, datatype: boolean, starts: [0, 1]}
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "car.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_what_signals_hold(tmp_path: Path) -> None:
    domain = load_ontology(write(tmp_path, CAR))
    air, roof, lamp, gain, lock = domain.signals

    assert air.texts == ((0.0, ("DOWN",)), (1.0, ("MIDDLE", "CENTRE")))
    assert [to_vss(air, level) for level in (0.0, 1.0)] == ["DOWN", "MIDDLE"]
    words = words_of(domain, 0)
    assert [from_vss(air, words, text) for text in ("centre", "MIDDLE", "feet")] == [1, 1, 0]
    assert roof.switch == Switch("Roof.Switch", ((0.0, "CLOSE", "CLOSE"), (50.0, "OPEN", "CLOSE")))
    assert [roof.switch.word(50.0, reading) for reading in (-100.0, 0.0, 100.0)] == [
        *["OPEN", "OPEN", "CLOSE"]
    ]
    assert to_vss(roof, -100.0) == -100
    assert (to_vss(lamp, 1.0), to_vss(lock, 0.0)) == (True, False)
    assert (to_vss(gain, 0.25), gain.datatype) == (0.25, "float")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("datatype: int8", "datatype: int88", "line 15, .*unknown datatype 'int88'. Did you mean"),
        ("datatype: int8", "datatype: uint8", "line 13, .*-100 is no uint8"),
        ("highest: 100", "highest: 200", "200 is no int8"),
        ("highest: 100", "highest: 99.5", "99.5 is no int8"),
        ("datatype: int8", "datatype: boolean", "a boolean is 0 or 1"),
        ("half: 50}", "half: 50.5}", "'half' sets 50.5, no int8"),
        ("{path: Gain}", "{path: Gain, datatype: boolean}", "'soft' sets 0.25, no bool"),
        ("feet: DOWN, ", "", "line 9, .*there is no text for 'feet'"),
        ("feet: DOWN, ", "feed: DOWN, ", "line 9, .*unknown value 'feed'. Did you mean 'feet'"),
        ("feet: DOWN", "feet: middle", "'middle' occurs twice"),
        ("datatype: string", "datatype: uint8", "has `texts` if its datatype is string"),
        ("{path: Lamp, datatype: boolean}", "{path: Lamp, datatype: string}", "has `texts` if"),
        ("moves: {closed: CLOSE, ", "moves: {", "line 20, .*there is no text for 'closed'"),
        ("{below: OPEN, above: CLOSE}", "{below: OPEN}", "line 20, .*moves.half"),
        ("        path: Roof.Switch\n", "", "line 18, .*switch.path: Field required"),
        ("{path: Lock,", "{path: Lock, switch: {path: S, moves: {}},", "only a function's signal"),
        ("slots: {roof: {", "zone: z\n    slots: {z: [a], roof: {", "give a path for each value"),
    ],
)
def test_values_that_do_not_fit(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in CAR
    path = write(tmp_path, CAR.replace(old, new, 1))
    with pytest.raises(ValueError, match=message) as raised:
        load_ontology(path)
    assert str(path) in str(raised.value)


def test_a_switch_moves_one_signal(tmp_path: Path) -> None:
    text = CAR.replace("slots: {roof: {", "zone: z\n    slots: {z: [a], roof: {", 1)
    with pytest.raises(ValueError, match="a switch moves one signal, not one a zone"):
        load_ontology(write(tmp_path, text.replace("Roof.Position", "{a: Roof.Position}")))
