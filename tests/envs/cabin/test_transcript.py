"""Transcripts: what they tell, that they come back, and what is said about damaged ones."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rlkit.envs.cabin import CabinEnv, HandcraftedPolicy
from rlkit.envs.cabin.language.transcript import (
    Exchange,
    Header,
    as_text,
    read_transcript,
    write_transcript,
)
from rlkit.scripts.cli import main
from tests.envs.cabin.roads import write_motorway

HEADER = Header(env="rlkit/CabinBench3-v0", agent="handcrafted", seed=4)


def dialogues(count: int, **settings: Any) -> tuple[list[Exchange], list[str]]:
    """Return the exchanges of some dialogues, and what the environment showed as text."""
    env = CabinEnv(**(settings or {"ser": 0.15}), render_mode="ansi")
    policy = HandcraftedPolicy(env)
    exchanges, shown = [], []
    for episode in range(count):
        env.reset(seed=4 if episode == 0 else None)
        over = False
        while True:
            exchanges.append(env.exchange())
            shown.append(str(env.render()))
            if over:
                break
            _, _, terminated, truncated, _ = env.step(policy.predict()[0])
            over = terminated or truncated
    return exchanges, shown


@pytest.fixture(scope="module")
def drives(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Exchange], list[str]]:
    road = write_motorway(tmp_path_factory.mktemp("roads") / "motorway.csv")
    return dialogues(30, ontology="cabin", drive=str(road))


def test_a_drive_comes_back(tmp_path: Path, drives: tuple[list[Exchange], list[str]]) -> None:
    exchanges, shown = drives
    path = tmp_path / "drives.jsonl"
    write_transcript(path, HEADER, exchanges)

    again = read_transcript(path)[1]

    assert again == exchanges
    assert [as_text(told) for told in again] == shown
    assert any(told.system == "wait()" for told in exchanges)  # which is no turn


def test_what_an_exchange_on_the_road_tells(drives: tuple[list[Exchange], list[str]]) -> None:
    exchanges, _ = drives
    seconds = 0.0
    for told in exchanges:
        drive = told.drive
        assert drive is not None
        seconds = 0.0 if told.action is None else seconds + drive.act_seconds
        assert drive.seconds == pytest.approx(seconds, abs=0.01)
        assert drive.risk <= drive.act_seconds
        assert 20.0 <= drive.speed <= 35.0  # of this road
        assert told.terms["second"] == pytest.approx(-0.2 * drive.act_seconds, abs=1e-3)
        assert told.terms["risk"] == pytest.approx(-2.5 * drive.risk, abs=1e-3)
        assert (told.user == "(no answer)") == (told.success is None and not told.heard)
        assert (told.executed is None) == (not told.system.startswith("execute("))
        assert "function" not in told.goal.constraints
    assert sum(told.user == "(no answer)" for told in exchanges) >= 3
    assert {told.goal.function for told in exchanges} >= {"navigate", "window", "phone"}
    assert any(told.kept for told in exchanges)


def test_old_transcripts_can_still_be_read(tmp_path: Path) -> None:
    path = tmp_path / "old.jsonl"
    path.write_text(
        '{"format":"rlkit-transcript-1","env":"rlkit/CabinBench3-v0","agent":"x","seed":4}\n'
        '{"turn":0,"action":null,"illegal":false,"system":"hello()","reward":0.0,"terms":{},'
        '"goal":{"constraints":{"food":"thai"},"requests":["name"]},"user":"inform(food=thai)",'
        '"heard":[["inform(food=thai)",0.8]],"silence":0.2,"belief":{"food":["thai",0.8]},'
        '"method":"byconstraints","asked":[],"success":null}\n'
        '{"turn":1,"action":"bye","illegal":false,"system":"bye()","reward":-1.0,'
        '"terms":{"turn":-1.0},"goal":{"constraints":{"food":"thai"},"requests":["name"]},'
        '"user":null,"heard":[],"silence":0.0,"belief":{},"method":"none","asked":[],'
        '"success":false}\n',
        encoding="utf-8",
    )

    told = read_transcript(path)[1]

    assert (told[0].drive, told[0].executed, told[0].goal.function) == (None, None, None)
    assert as_text(told[1]).splitlines() == [
        "turn  1  car     bye()   [turn -1]",
        "         goal    food=thai; wants to know name",
        "         end     failure",
    ]


def test_text_of_a_drive_is_for_people() -> None:
    told = Exchange.model_validate(
        {
            "turn": 2,
            "action": "execute",
            "illegal": False,
            "system": "execute(function=window, position=half)",
            "executed": "window(position=half)",
            "reward": 18.5,
            "terms": {"success": 20.0, "second": -1.5},
            "goal": {"function": "phone", "constraints": {"contact": "Anna"}, "requests": []},
            "kept": {"function": "charge", "constraints": {}, "requests": ["price"]},
            "user": "(no answer)",
            "silence": 1.0,
            "drive": {
                "seconds": 31.25,
                "act_seconds": 7.5,
                "speed": 25.0,
                "load": 0.5,
                "risk": 0.125,
                "noise": 66.0,
                "error_rate": 0.25,
            },
        }
    )

    assert as_text(told).splitlines() == [
        "turn  2  car     execute(function=window, position=half)   [success +20, second -1.5]",
        "         drive   31.2 s (+7.5), 90 km/h, load 0.50, risk +0.12 s, 66 dB(A), mishears 25%",
        "         goal    phone(contact=Anna)",
        "         later   charge(); wants to know price",
        "         driver  (no answer)",
        "         belief  nothing; none",
    ]


def test_a_transcript_comes_back(tmp_path: Path) -> None:
    exchanges, shown = dialogues(5)
    path = tmp_path / "new" / "dialogues.jsonl"
    write_transcript(path, HEADER, exchanges)

    header, again = read_transcript(path)

    assert header == HEADER
    assert again == exchanges
    assert [as_text(told) for told in again] == shown


def test_what_an_exchange_tells() -> None:
    exchanges, _ = dialogues(20)
    begin = [told for told in exchanges if told.turn == 0]
    end = [told for told in exchanges if told.success is not None]

    assert len(begin) == len(end) == 20
    assert all(told.system == "hello()" and told.action is None for told in begin)
    assert all(told.user and told.heard for told in exchanges if told.success is None)
    assert all(told.user is None for told in end)
    assert all(told.goal.requests[0] == "name" for told in exchanges)
    for told in exchanges:
        total = told.silence + sum(confidence for _, confidence in told.heard)
        assert told.success is not None or total == pytest.approx(1.0, abs=1e-3)
        assert told.reward == sum(told.terms.values())
    total = sum(told.reward for told in exchanges)
    assert total == sum(20 * bool(told.success) - told.turn for told in end)


def test_text_is_for_people() -> None:
    told = Exchange(
        turn=2,
        action="confirm_food",
        illegal=False,
        system="confirm(food=thai)",
        reward=-1.0,
        terms={"success": 0.0, "turn": -1.0},
        goal={"constraints": {"food": "thai"}, "requests": ["name"]},  # type: ignore[arg-type]
        user="affirm()",
        heard=[("affirm()", 0.75), ("negate()", 0.125)],
        silence=0.125,
        belief={"food": ("thai", 0.9)},
        method="byconstraints",
        asked=["phone"],
    )

    assert as_text(told).splitlines() == [
        "turn  2  car     confirm(food=thai)   [turn -1]",
        "         driver  affirm()",
        "         heard   0.75  affirm()",
        "         heard   0.12  negate()",
        "         belief  food=thai 0.90; byconstraints; asked for phone",
    ]


@pytest.mark.parametrize(
    ("line", "change", "message"),
    [
        (0, {"format": "rlkit-transcript-9"}, "line 1: not the header .* format: Input should be"),
        (0, {"seed": "four"}, "line 1: .* seed"),
        (2, {"turn": -1}, "line 3: not the exchange of a transcript: turn: .* greater"),
        (2, {"system": 5}, "line 3: .* system"),
        (2, {"heard": [["affirm()", 1.5]]}, r"line 3: .* heard\.0\.1: .* less than"),
        (2, {"reward": "NaN"}, "line 3: .* reward"),
        (2, {"sistem": "x"}, "line 3: .* sistem: Extra"),
        (3, {"turn": 1}, "line 4: turn 1 follows, expected 2"),
    ],
)
def test_damage_is_named(
    tmp_path: Path, line: int, change: dict[str, object], message: str
) -> None:
    path = tmp_path / "dialogues.jsonl"
    write_transcript(path, HEADER, dialogues(1)[0])
    lines = path.read_text("utf-8").splitlines()
    lines[line] = json.dumps({**json.loads(lines[line]), **change})
    path.write_text("\n".join(lines), "utf-8")

    with pytest.raises(ValueError, match=message):
        read_transcript(path)


@pytest.mark.parametrize(("keep", "message"), [(0, "is empty"), (4, "no end"), (1, None)])
def test_lines_that_are_missing(tmp_path: Path, keep: int, message: str | None) -> None:
    path = tmp_path / "dialogues.jsonl"
    write_transcript(path, HEADER, dialogues(1)[0])
    path.write_text("\n".join(path.read_text("utf-8").splitlines()[:keep]), "utf-8")

    if message is None:
        assert read_transcript(path) == (HEADER, [])
    else:
        with pytest.raises(ValueError, match=message):
            read_transcript(path)


@settings(max_examples=60)
@given(junk=st.binary(max_size=200), header=st.booleans())
def test_junk_gives_a_message(tmp_path: Path, junk: bytes, header: bool) -> None:
    path = tmp_path / "junk.jsonl"
    start = (HEADER.model_dump_json() + "\n").encode() if header else b""
    path.write_bytes(start + b"#" + junk)

    with pytest.raises(ValueError, match=str(path)):
        read_transcript(path)


def test_watch_writes_and_replays(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(tmp_path / "dialogues.jsonl")
    words = ["watch", "rlkit/CabinBench3-v0", "--agent", "handcrafted", "--episodes", "2"]
    assert main([*words, "--text", "--transcript", path]) == 0
    played = capsys.readouterr().out.splitlines()

    assert main(["watch", "--transcript", path]) == 0
    replayed = capsys.readouterr().out.splitlines()

    assert played[-1] == f"transcript: {path}"
    assert replayed == ["rlkit/CabinBench3-v0, handcrafted, seed 0", *played[:-1]]
    assert sum("end     " in line for line in played) == 2


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "--transcript FILE"),
        (["--transcript", "nowhere.jsonl"], "nowhere.jsonl"),
        (["rlkit/CabinTabular-v0", "--agent", "random", "--transcript", "x"], "no dialogues"),
    ],
)
def test_watch_says_what_is_wrong(
    words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["watch", *words]) == 2
    assert message in capsys.readouterr().err


def test_evaluate_knows_the_handcrafted_policy(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["evaluate", "rlkit/CabinBench1-v0", "--agent", "handcrafted", "--episodes", "100"]
    assert main([*words, "--json"]) == 0

    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert found["success"]["mean"] >= 0.97
    assert found["return"]["mean"] == pytest.approx(14.0, abs=1.0)
    assert found["return"]["mean"] == pytest.approx(
        20 * found["success"]["mean"] - found["turns"]["mean"]
    )
