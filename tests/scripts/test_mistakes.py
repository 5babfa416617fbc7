"""What a user may do wrong, through the commands: the message, the exit code, nothing lost."""

import json
import re
import shutil
from pathlib import Path

import pytest

import rlkit
from rlkit import checkpoint
from rlkit.scripts.cli import main
from tests.scripts.support import GRID, ask, python, refuse

GRID_ID = "rlkit/GridWorld-v0"
RANDOM = ("evaluate", GRID_ID, "--agent", "random", "--env", "map")
CABIN = ("evaluate", "rlkit/Cabin-v0", "--agent", "random")
LAKE = ("evaluate", "FrozenLake-v1", "--agent", "random")


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a short training."""
    folder = tmp_path_factory.mktemp("trained") / "run"
    assert main([*GRID, "--steps", "500", "--out", str(folder), "--json"]) == 0
    return folder


@pytest.fixture
def run(trained: Path, tmp_path: Path) -> Path:
    """Return a copy of the training, to be damaged."""
    return Path(shutil.copytree(trained, tmp_path / "run"))


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("elements", "rlkit/CabinTabula-v0"), "Did you mean 'rlkit/CabinTabular-v0'"),
        (("elements", "CartPol-v1"), "Did you mean 'CartPole-v1'"),
        (("elements", "CartPole-v1"), "does not name its five elements"),
        (("evaluate", GRID_ID, "--agent", "randon"), "Did you mean 'random'"),
        (("evaluate", GRID_ID, "--agent", "q-learning"), "must learn first"),
        (("evaluate", "Pendulum-v1", "--agent", "random"), "random plays Discrete actions"),
        (("evaluate", GRID_ID), "--agent NAME"),
        (("evaluate", "no-such-run"), "no run folder 'no-such-run'"),
        (("evaluate", "runs/nowhere"), "no run folder 'runs/nowhere'"),
        (("elements", "nowhere:Foo-v0"), "No module named 'nowhere'"),
        (("evaluate", GRID_ID, "--agent", "random", "--episodes", "0"), "episodes must be"),
        (GRID, "give --steps N, at least 1"),
        ((*RANDOM, "no-such.txt"), "there is no file or folder 'no-such.txt'"),
        (("train", "CartPole-v1", "--agent", "sarsa", "--steps", "5"), "that can act here: dqn, "),
        ((*GRID, "--steps", "5", "--seeds", "0"), "must be at least 1"),
        ((*GRID, "--steps", "5", "--patience", "0"), "--patience must be at least 1, got 0"),
        ((*GRID, "--steps", "5", "--goal", "nan"), "--goal must be a number"),
        ((*GRID, "--steps", "5", "--set", "epsilom", "1"), "Did you mean 'epsilon'"),
        ((*GRID, "--steps", "5", "--set", "epsilon", "1.5"), "must lie in [0, 1], got 1.5"),
        ((*GRID, "--steps", "5", "--env", "slip", "2"), "slip must lie in [0, 1], got 2"),
        (
            (*GRID, "--steps", "5", "--env", "slipp", "0.2"),
            "GridWorld-v0 'slipp'. Did you mean 'slip'",
        ),
        ((*CABIN, "--env", "ontologie", "cabin"), "Did you mean 'ontology'"),
        (("watch", *CABIN[1:], "--env", "hitsory", "3"), "Did you mean 'history'"),
        ((*LAKE, "--env", "is_slipery", "1"), "Did you mean 'is_slippery'? Known: desc, "),
        ((*LAKE, "--env", "max_episode_step", "5"), "Did you mean 'max_episode_steps'"),
        ((*LAKE, "--env", "xyz", "5"), "unknown argument of FrozenLake-v1 'xyz'. Known: "),
        (("watch", "rlkit/GridWold-v0"), "Did you mean 'rlkit/GridWorld-v0'"),
        ((*GRID, "--steps", "5", "--env", "slip", "[0.2"), "cannot read one of the values"),
        (("train", GRID_ID, "--agent", "q-lerning", "--steps", "5"), "Did you mean 'q-learning'"),
        (("train", "CartPole-v1", "--agent", "q-learning", "--steps", "5"), "Discrete observation"),
        (("train", "--steps", "5"), "give an environment"),
        (("train", "--resume", "nowhere", "--steps", "5"), "nowhere is no run folder"),
        (("train", GRID_ID, "--resume", "x", "--steps", "5"), "leave out the environment"),
        (("watch", GRID_ID, "--agent", "random", "--video", "x.avi"), ".mp4 or .gif"),
        (("watch", GRID_ID, "--agent", "handcrafted", "--text"), "no handcrafted policy"),
    ],
)
def test_mistakes_are_explained(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...], message: str
) -> None:
    assert message in refuse(capsys, *words)


@pytest.mark.parametrize(
    ("map_words", "message"),
    [
        ('["S.", "xG"]', "line 2, column 1: 'x' is no tile. The legend: # wall"),
        ('["S#G", "##."]', "goal in line 1, column 3 cannot be reached"),
        ('["S.", "G"]', "ragged: line 2"),
        ("classrom", "Did you mean 'classroom'"),
    ],
)
def test_a_wrong_map_is_named_by_line_and_column(
    capsys: pytest.CaptureFixture[str], map_words: str, message: str
) -> None:
    assert message in refuse(capsys, *RANDOM, map_words)


def test_a_policy_that_never_ends_has_no_value_at_discount_1(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Stepping is paid, so the planner finds that walking on forever is worth infinitely much."""
    words = ("evaluate", GRID_ID, "--agent", "policy-iteration")
    paid = ("--env", "discount", "1.0", "step_reward", "1.0")

    assert "discount 1" in refuse(capsys, *words, *paid)


def test_unknown_options_exit_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["train", "--stepz", "3"])

    assert stopped.value.code == 2
    assert "--steps" in capsys.readouterr().err


def test_an_existing_run_is_left_alone(capsys: pytest.CaptureFixture[str], run: Path) -> None:
    before = rlkit.load(run).state_dict()["q"]
    message = refuse(capsys, *GRID, "--steps", "10", "--out", str(run))

    assert f"exists already. Choose another --out, or go on with --resume {run}" in message
    assert (rlkit.load(run).state_dict()["q"] == before).all()


def test_a_users_folder_is_left_alone(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine", "utf-8")
    message = refuse(capsys, *GRID, "--steps", "10", "--out", str(tmp_path))

    assert "exists already" in message
    assert "--resume" not in message
    assert [file.name for file in tmp_path.iterdir()] == ["notes.txt"]


@pytest.mark.parametrize("command", [("evaluate",), ("train", "--steps", "5", "--resume")])
@pytest.mark.parametrize("file", [checkpoint.META, checkpoint.TENSORS])
@pytest.mark.parametrize("length", [0, 40])
def test_a_truncated_checkpoint_is_named(
    capsys: pytest.CaptureFixture[str], run: Path, file: str, length: int, command: tuple[str, ...]
) -> None:
    target = checkpoint.latest(run) / file
    target.write_bytes(target.read_bytes()[:length])

    assert f"the checkpoint {target.parent} is damaged" in refuse(capsys, *command, str(run))


def test_a_run_goes_on_from_the_checkpoint_before_a_damaged_one(
    capsys: pytest.CaptureFixture[str], run: Path
) -> None:
    go_on = ("train", "--resume", str(run), "--steps")
    assert ask(capsys, *go_on, "500")["step"] == 1_000
    learned = rlkit.load(run).state_dict()["q"]
    newest = checkpoint.latest(run)
    (newest / checkpoint.TENSORS).write_bytes(b"{")

    message = refuse(capsys, *go_on, "500")
    assert f"{newest} is damaged" in message
    found = re.search(r"Remove that folder to go on from the one before it, step-(\d+)\n", message)
    assert found is not None

    shutil.rmtree(newest)
    assert ask(capsys, *go_on, str(1_000 - int(found[1])))["step"] == 1_000
    assert (rlkit.load(run).state_dict()["q"] == learned).all()


def test_a_damaged_pointer_or_config_is_named(
    capsys: pytest.CaptureFixture[str], run: Path
) -> None:
    (run / "config.json").write_text("{", "utf-8")
    message = refuse(capsys, "train", "--resume", str(run), "--steps", "5")
    assert "config.json is damaged" in message

    (run / "checkpoints" / "latest.json").write_text("[]", "utf-8")
    assert "latest.json is damaged" in refuse(capsys, "evaluate", str(run))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"agent": "os:system"}, "unknown agent 'os:system'"),
        ({"agent": "QLearning"}, "Did you mean 'q-learning'"),
        ({"environment": {"id": "stranger:Evil-v0", "kwargs": {}}}, "not registered here"),
        ({"environment": {"id": "rlkit/Evil-v0", "kwargs": {}}}, "not registered here"),
        ({"environment": None}, "names no registered environment"),
        ({"format": 99}, "has the format 99; this version reads 1"),
        ({"config": {"evil": 1}}, "evil"),
    ],
)
def test_a_strangers_checkpoint_is_refused(
    capsys: pytest.CaptureFixture[str],
    run: Path,
    monkeypatch: pytest.MonkeyPatch,
    change: dict[str, object],
    message: str,
) -> None:
    (run.parent / "stranger.py").write_text("raise SystemExit('imported')", "utf-8")
    monkeypatch.syspath_prepend(run.parent)
    file = checkpoint.latest(run) / checkpoint.META
    file.write_text(json.dumps({**json.loads(file.read_text("utf-8")), **change}), "utf-8")

    assert message in refuse(capsys, "evaluate", str(run))


@pytest.mark.parametrize(("limit", "what"), [(3_000, "metrics"), (3_800, "checkpoint")])
def test_a_full_disk_loses_nothing(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, limit: int, what: str
) -> None:
    """No file may grow beyond a limit, as on a full disk.

    The events begin with 2,900 bytes, a checkpoint has 3,824.
    """
    run = tmp_path / "run"
    ask(capsys, *GRID, "--steps", "1000", "--out", str(run))
    before = sorted(entry.name for entry in (run / "checkpoints").iterdir())
    program = f"""
import resource, sys
from rlkit.scripts.cli import main
assert main({[*GRID, "--steps", "10", "--out", str(tmp_path / "warm"), "--json"]}) == 0
resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))
sys.exit(main({["train", "--resume", str(run), "--steps", "4000", "--json"]}))
"""
    finished = python(program)

    assert finished.returncode == 1, finished.stderr
    assert f"cannot write the {what}" in finished.stderr
    assert "File too large" in finished.stderr
    assert f"rlkit train --resume {run} --steps" in finished.stderr
    assert "Traceback" not in finished.stderr
    assert sorted(entry.name for entry in (run / "checkpoints").iterdir()) == before
    answer = ask(capsys, "train", "--resume", str(run), "--steps", "1000")
    assert answer["step"] == 2_000


def test_a_run_that_could_not_begin_can_be_begun_again(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = (*GRID, "--steps", "200", "--out", str(tmp_path / "run"))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(checkpoint, "_write_bytes", full)
        refuse(capsys, *words, code=1)
    with monkeypatch.context() as patch:
        patch.setattr(checkpoint, "write", full)
        assert "No space left" in refuse(capsys, *words, code=1)

    assert ask(capsys, *words)["step"] == 200


def test_output_that_nobody_reads_on_is_no_error() -> None:
    program = "import subprocess, sys; p = subprocess.Popen([sys.executable, '-m', "
    program += "'rlkit.scripts.cli', 'list'], stdout=subprocess.PIPE, stderr=subprocess.PIPE); "
    program += "p.stdout.close(); print(p.stderr.read().decode())"

    assert python(program).stdout.strip() == ""
