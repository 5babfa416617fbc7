"""Transcripts: what they tell, that they come back, and what is said about damaged ones."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rlkit.envs.cabin import CabinEnv, HandcraftedPolicy
from rlkit.envs.cabin.transcript import (
    Exchange,
    Header,
    as_text,
    read_transcript,
    write_transcript,
)
from rlkit.scripts.cli import main

HEADER = Header(env="rlkit/CabinBench3-v0", agent="handcrafted", seed=4)


def dialogues(count: int) -> tuple[list[Exchange], list[str]]:
    """Return the exchanges of some dialogues, and what the environment showed as text."""
    env = CabinEnv(ser=0.15, render_mode="ansi")
    policy = HandcraftedPolicy(env)
    exchanges, shown = [], []
    for episode in range(count):
        env.reset(seed=4 if episode == 0 else None)
        terminated = False
        while True:
            exchanges.append(env.exchange())
            shown.append(str(env.render()))
            if terminated:
                break
            terminated = env.step(policy.predict()[0])[2]
    return exchanges, shown


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
    lines = path.read_text().splitlines()
    lines[line] = json.dumps({**json.loads(lines[line]), **change})
    path.write_text("\n".join(lines))

    with pytest.raises(ValueError, match=message):
        read_transcript(path)


@pytest.mark.parametrize(("keep", "message"), [(0, "is empty"), (4, "no end"), (1, None)])
def test_lines_that_are_missing(tmp_path: Path, keep: int, message: str | None) -> None:
    path = tmp_path / "dialogues.jsonl"
    write_transcript(path, HEADER, dialogues(1)[0])
    path.write_text("\n".join(path.read_text().splitlines()[:keep]))

    if message is None:
        assert read_transcript(path) == (HEADER, [])
    else:
        with pytest.raises(ValueError, match=message):
            read_transcript(path)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
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
