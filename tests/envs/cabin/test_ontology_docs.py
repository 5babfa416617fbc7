"""The page about ontologies: its files load, its examples run, its tables are complete."""

import doctest
import re
import shlex
from pathlib import Path

import pytest
import yaml

from rlkit.envs.cabin.ontology.database import LARGEST_TABLE
from rlkit.envs.cabin.ontology.fields import (
    CarFile,
    CommandFields,
    PlaceFields,
    ReferenceFields,
    RuleFields,
    SignalFields,
    VenueFile,
)
from rlkit.envs.cabin.ontology.loading import SHIPPED
from rlkit.envs.cabin.ontology.templates import GENERAL
from rlkit.envs.cabin.ontology.yaml_file import LARGEST_FILE, LONGEST_WORD, MOST_NODES
from rlkit.envs.cabin.state.tables import (
    MAX_COMMAND_VALUES,
    MAX_FUNCTIONS,
    MAX_REQUESTABLES,
    MAX_RULES,
    MAX_SIGNALS,
    MAX_SLOTS,
    MAX_VALUES,
    MAX_VENUES,
)
from rlkit.scripts.cli import main

PAGE = (Path(__file__).parents[3] / "docs" / "ontology.md").read_text(encoding="utf-8")
FIRST_CELLS = "".join(re.findall(r"^\| (`.*?) \|", PAGE, re.MULTILINE))
"""The first cells of all rows of tables that explain fields."""


@pytest.fixture(autouse=True)
def _in_a_folder_with_the_pages_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    files = re.findall(r"^```\w+ (\S+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    assert len(files) == 3
    for name, text in files:
        Path(name).write_text(text, encoding="utf-8")


def test_commands_run(capsys: pytest.CaptureFixture[str]) -> None:
    torch = pytest.importorskip("torch")
    torch.set_num_threads(1)  # many threads on few cores take minutes
    (commands,) = re.findall(r"^```sh\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    for line in commands.splitlines():
        program, *words = shlex.split(line)
        assert program == "rlkit"
        assert main(words) == 0, line
    assert "type=restaurant" in capsys.readouterr().out


def test_examples_run() -> None:
    examples = "\n".join(re.findall(r"^```pycon\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))
    test = doctest.DocTestParser().get_doctest(examples, {}, "ontology.md", None, 0)
    runner = doctest.DocTestRunner(verbose=False)

    runner.run(test)

    assert runner.tries > 15
    assert runner.failures == 0


def test_the_signals_shown_are_the_shipped_cars() -> None:
    shipped = yaml.load((SHIPPED / "cabin.yaml").read_text("utf-8"), yaml.BaseLoader)  # noqa: S506
    signals = [one["signal"] for one in shipped["functions"].values() if "signal" in one]
    shown = re.findall(r"^```yaml\n(signal:.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    assert len(shown) == 2
    for text in shown:
        given = yaml.load(text, yaml.BaseLoader)["signal"]  # noqa: S506
        assert any(given.items() <= signal.items() for signal in signals), text


@pytest.mark.parametrize(
    "model",
    [VenueFile, CarFile, PlaceFields, ReferenceFields, CommandFields, SignalFields, RuleFields],
)
def test_every_field_is_explained(model: type[CarFile]) -> None:
    explained = set(
        re.findall(r"`(\w+)`", "".join(re.findall(r"^\| (`.*?) \|", PAGE, re.MULTILINE)))
    )

    assert set(model.model_fields) <= explained


def test_every_field_of_a_template_is_explained() -> None:
    explained = set(
        re.findall(r"`\{(\w+)\}`", "".join(re.findall(r"^\| (`\{.*?) \|", PAGE, re.MULTILINE)))
    )

    assert explained == set(GENERAL)


def test_limits() -> None:
    limits = re.findall(r"^\| [^|]+ \| (\d+) \|$", PAGE, re.MULTILINE)

    assert [int(limit) for limit in limits] == [
        LARGEST_FILE,
        MOST_NODES,
        LONGEST_WORD,
        LARGEST_TABLE,
        MAX_VENUES,
        MAX_SLOTS,
        MAX_REQUESTABLES,
        MAX_VALUES,
        MAX_COMMAND_VALUES,
        MAX_FUNCTIONS,
        MAX_SIGNALS,
        MAX_RULES,
    ]
