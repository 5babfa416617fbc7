"""Properties of any ontology, any file and any actions, found by hypothesis."""

import csv
import re
import sqlite3
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rlkit.envs.cabin import CabinEnv, CabinVectorEnv
from rlkit.envs.cabin.ontology.loading import load_driver, load_ontology
from tests.envs.cabin.invariants import assert_sound

DESCRIBED = "name: places\ntable: {}\ninformable: [food, area]\nrequestable: [name, phone]\n"


# Words of SQLite and YAML, too: "null", "1.5" and "yes" are values like any other.
WORDS = st.sampled_from(["null", "yes", "1.5", "none", "dontcare", "0", "1"]) | st.text(
    "abcdefgh é'\"", min_size=1, max_size=8
).map(str.strip).filter(bool)
NAMES = WORDS.filter(lambda word: word.lower() != "name" and '"' not in word)


@st.composite
def ontologies(draw: st.DrawFn) -> tuple[dict[str, Any], list[list[str]]]:
    """Draw a description and a table, the first row of which names the columns."""
    columns = draw(
        st.lists(NAMES, min_size=1, max_size=6, unique_by=lambda name: str(name).lower())
    )
    informable = columns[: draw(st.integers(1, len(columns)))]
    row = st.lists(WORDS | st.just(""), min_size=len(columns), max_size=len(columns))
    rows = draw(st.lists(row, min_size=1, max_size=70))
    rows[0] = [cell or "some" for cell in rows[0]]  # no column is empty
    described = {
        "name": draw(WORDS),
        "informable": informable,
        "requestable": draw(st.lists(st.sampled_from([*columns, "name"]), unique=True)),
        "values": draw(
            st.dictionaries(st.sampled_from(informable), st.lists(WORDS, max_size=4), max_size=2)
        ),
    }
    venues = [[draw(WORDS) if k % 3 else f"venue {k}", *cells] for k, cells in enumerate(rows)]
    return described, [["name", *columns], *venues]


def write(folder: Path, described: dict[str, Any], rows: list[list[str]], *, sqlite: bool) -> Path:
    """Write an ontology's two files."""
    table = folder / ("venues.db" if sqlite else "venues.csv")
    if sqlite:
        table.unlink(missing_ok=True)
        with sqlite3.connect(table) as connection:
            quoted = ", ".join(f'"{name}"' for name in rows[0])
            connection.execute(f"CREATE TABLE venues ({quoted})")
            places = ", ".join("?" * len(rows[0]))
            connection.executemany(f"INSERT INTO venues VALUES ({places})", rows[1:])  # noqa: S608 (placeholders)
        connection.close()
    else:
        with table.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows(rows)
    path = folder / "made.yaml"
    path.write_text(yaml.safe_dump({**described, "table": table.name}), encoding="utf-8")
    return path


@pytest.mark.filterwarnings("ignore:.* rows share their:UserWarning")
@settings(max_examples=40)
@given(
    ontology=ontologies(),
    sqlite=st.booleans(),
    masks=st.booleans(),
    error_rate=st.sampled_from([0.0, 0.15, 0.4, 1.0]),
    seed=st.integers(0, 2**64),
    moment=st.integers(0, 25),
)
def test_any_ontology_works_under_any_actions(
    tmp_path: Path,
    ontology: tuple[dict[str, Any], list[list[str]]],
    sqlite: bool,
    masks: bool,
    error_rate: float,
    seed: int,
    moment: int,
) -> None:
    path = str(write(tmp_path, *ontology, sqlite=sqlite))
    env, copy = (CabinVectorEnv(8, ontology=path, ser=error_rate, masks=masks) for _ in range(2))
    rng = np.random.default_rng(seed)
    env.reset(seed=seed)
    assert_sound(env)
    for step in range(40):
        if step == moment:
            copy.set_state(env.get_state())
        actions = rng.integers(0, len(env.actions), 8)
        seen, reward, *_ = env.step(actions)
        assert_sound(env)
        assert env.observation_space.contains(seen)
        if step >= moment:
            again, same_reward, *_ = copy.step(actions)
            assert np.array_equal(seen, again)
            assert np.array_equal(reward, same_reward)


@settings(max_examples=20)
@given(actions=st.lists(st.integers(0, 15), max_size=60), seed=st.integers(0, 2**32))
def test_single_actions_legal_or_not_keep_the_contract(actions: list[int], seed: int) -> None:
    env = CabinEnv(ser=0.3)
    _, info = env.reset(seed=seed)
    for action in actions:
        legal = bool(info["action_mask"][action])
        seen, reward, terminated, truncated, info = env.step(action)
        assert info["illegal"] is not legal
        assert env.observation_space.contains(seen)
        assert reward == sum(info["reward_terms"].values())
        assert not truncated
        if terminated:
            _, info = env.reset()


@pytest.fixture(scope="module")
def bench() -> CabinVectorEnv:
    return CabinVectorEnv(32, ser=0.3, masks=False)


@settings(max_examples=30)
@given(seed=st.integers(0, 2**64), favourite=st.integers(0, 15), share=st.floats(0, 1))
def test_one_sided_policies_keep_the_invariants(
    bench: CabinVectorEnv, seed: int, favourite: int, share: float
) -> None:
    """The same act again and again reaches corners that random acts do not."""
    rng = np.random.default_rng(seed)
    bench.reset(seed=seed)
    for _ in range(30):
        actions = np.where(rng.random(32) < share, favourite, rng.integers(0, 16, 32))
        bench.step(actions)
        assert_sound(bench)


JUNK = st.binary(max_size=300) | st.text(max_size=200).map(lambda text: text.encode("utf-8"))
PIECES = (
    *("name", "table", "informable", "values", "patience", "venues.csv", "0", "1e400", ".nan"),
    *(": ", "- ", "[", "]", "{", "}", "\n", "  ", "&a", "*a", "!!set", "~", "'", '"', "?", "|"),
)
TOKENS = st.lists(st.sampled_from(PIECES), max_size=30).map("".join)


@settings(max_examples=150)
@given(junk=JUNK | TOKENS.map(str.encode))
@example(junk=b"name: x\ntable: .\ninformable: [food]\n")
@example(junk=b"name: x\ntable: junk.db\ninformable: [food]\n")
@example(junk=b"? [a, b]\n: c\n")
def test_junk_gives_a_message_and_nothing_else(tmp_path: Path, junk: bytes) -> None:
    (tmp_path / "junk.yaml").write_bytes(junk)
    for suffix in ("csv", "db"):
        (tmp_path / f"junk.{suffix}").write_bytes(junk)
        described = tmp_path / f"{suffix}.yaml"
        described.write_text(DESCRIBED.format(f"junk.{suffix}"), "utf-8")
        with pytest.raises(ValueError, match=re.escape(str(tmp_path))):
            load_ontology(described)
    with pytest.raises(ValueError, match=r"junk|there is no"):
        load_ontology(tmp_path / "junk.yaml")
    if junk.strip():
        try:
            load_driver(tmp_path / "junk.yaml")
        except ValueError as error:
            assert "junk.yaml" in str(error)  # noqa: PT017 (an empty mapping is a driver)


@pytest.mark.parametrize("keyword", ["ontology", "user", "reward"])
@pytest.mark.parametrize("value", [0.5, [1]])
def test_keywords_of_another_type(keyword: str, value: Any) -> None:
    with pytest.raises(ValueError, match=keyword):
        CabinEnv(**{keyword: value})


KEYWORDS = ("observation", "history", "ser", "masks", "max_turns", "on_illegal", "confusion_seed")


@pytest.mark.parametrize("keyword", KEYWORDS)
@settings(max_examples=25)
@given(value=st.text(max_size=20) | st.floats() | st.integers() | st.lists(st.integers()))
@example(value=[])
def test_junk_keywords_give_a_message(keyword: str, value: Any) -> None:
    try:
        env = CabinEnv(**{keyword: value})
    except ValueError as error:
        assert keyword in str(error)  # noqa: PT017 (some values are fine)
    else:
        env.reset(seed=0)
        env.step(0)
