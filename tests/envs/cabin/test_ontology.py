"""Ontologies and drivers from files: what loads, and what is said about the rest."""

import sqlite3
from pathlib import Path

import numpy as np
import pytest

from rlkit.envs.cabin import CabinEnv, HandcraftedPolicy
from rlkit.envs.cabin.language.notation import act_text, parse_act
from rlkit.envs.cabin.ontology.loading import load_driver, load_ontology
from rlkit.envs.cabin.ontology.made_up import SHAPES
from rlkit.envs.cabin.scenario.dialogue_tables import Settings
from rlkit.envs.cabin.scenario.options import VENUES, find_domain
from rlkit.envs.cabin.state.record import DIALOGUE
from rlkit.envs.cabin.state.temper import PROBABILITIES, STANDARD, Driver
from tests.envs.cabin.support import play

CSV = """name,food,area,phone
Rice House,thai,north,01
Curry Corner,indian,north,02
Blue Spice,thai,south,03
Green Bowl,thai,north,
Spicy,,south,05
"""
YAML = """name: restaurants
table: venues.csv
entity: name
informable: [food, area]
requestable: [name, phone, food]
values: {food: [french]}
"""


def write(folder: Path, yaml: str = YAML, csv: str = CSV) -> Path:
    (folder / "venues.csv").write_text(csv, "utf-8")
    path = folder / "venues.yaml"
    path.write_text(yaml, "utf-8")
    return path


def test_the_names_of_made_up_ontologies_are_those_of_their_shapes() -> None:
    assert tuple(SHAPES) == VENUES


def test_csv(tmp_path: Path) -> None:
    domain = load_ontology(write(tmp_path))

    assert domain.slots == ("food", "area")
    assert domain.values == (("french", "indian", "thai"), ("north", "south"))
    assert domain.private == ("phone",)
    assert domain.venues[0] == "Rice House"
    assert domain.cells.tolist() == [[2, 0], [1, 0], [2, 1], [2, 0], [-1, 1]]
    assert domain.attributes[0] == ("01",)


def test_sqlite_gives_the_same_domain(tmp_path: Path) -> None:
    path = write(tmp_path)
    rows = [line.split(",") for line in CSV.splitlines()]
    with sqlite3.connect(tmp_path / "restaurants.db") as connection:
        connection.execute("CREATE TABLE restaurants (name, food, area, phone)")
        connection.executemany("INSERT INTO restaurants VALUES (?, ?, ?, ?)", rows[1:])
    connection.close()
    other = tmp_path / "sqlite.yaml"
    other.write_text(YAML.replace("venues.csv", "restaurants.db"), "utf-8")

    first, second = load_ontology(path), load_ontology(other)

    assert first.values == second.values
    assert np.array_equal(first.cells, second.cells)


def test_places_that_share_their_name_are_told(tmp_path: Path) -> None:
    shared = CSV + "Rice House,thai,south,06\nSpicy,indian,north,07\nSpicy,indian,south,08\n"

    with pytest.warns(UserWarning, match=r"venues.csv: 5 of 8 rows share .* 'Spicy' in 3 rows"):
        domain = load_ontology(write(tmp_path, csv=shared))
    assert len(domain.venues) == 8  # each a place of its own


@pytest.mark.parametrize(("line", "kind"), [("", "restaurants"), ("type: bar, pub\n", "bar, pub")])
def test_transcripts_say_the_type(tmp_path: Path, line: str, kind: str) -> None:
    domain = load_ontology(write(tmp_path, YAML + line))
    act = parse_act(domain, "inform(type=, food=thai)")
    text = f"inform(type={kind}, food=thai)"

    assert act_text(domain, act) == text
    assert np.array_equal(parse_act(domain, text), act)
    with pytest.raises(ValueError, match=f"unknown type 'hotel'. Known: {kind}"):
        parse_act(domain, "inform(type=hotel)")


def test_a_column_may_be_called_type(tmp_path: Path) -> None:
    yaml = YAML.replace("area]", "type]") + "type: place\n"
    domain = load_ontology(write(tmp_path, yaml, CSV.replace("area", "type")))

    for text in ("inform(type=place, food=thai)", "inform(type=north, food=thai)"):
        assert act_text(domain, parse_act(domain, text)) == text


@pytest.mark.parametrize("given", ["''", "[a]"])
def test_a_type_is_a_word(tmp_path: Path, given: str) -> None:
    with pytest.raises(ValueError, match=r"line 7, type"):
        load_ontology(write(tmp_path, f"{YAML}type: {given}\n"))


def test_places_without_a_name_are_left_out_and_counted(tmp_path: Path) -> None:
    """What only they have stays a value, of no place: the rest of the file may speak of it."""
    nameless = CSV.replace("Curry Corner", "").replace("Blue Spice", "  ")
    with pytest.warns(UserWarning, match="line 2, table: 2 of 5 rows have no name .* 'name'"):
        domain = load_ontology(write(tmp_path, csv=nameless))

    assert domain.venues == ("Rice House", "Green Bowl", "Spicy")
    assert domain.values == (("french", "indian", "thai"), ("north", "south"))
    assert domain.cells.tolist() == [[2, 0], [2, 0], [-1, 1]]
    assert domain.attributes == (("01",), ("",), ("05",))


def test_a_table_without_any_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no row of the table has a name: the column 'name'"):
        load_ontology(write(tmp_path, csv="name,food,area,phone\n,thai,north,01\n,thai,south,02\n"))


def test_own_ontology_plays(tmp_path: Path) -> None:
    env = CabinEnv(ontology=str(write(tmp_path)), ser=0.15)
    env.reset(seed=0)
    policy = HandcraftedPolicy(env)
    outcomes = []
    for _ in range(100):
        _, _, terminated, _, info = env.step(policy.predict()[0])
        if terminated:
            outcomes.append(info["success"])
            env.reset()
    assert len(outcomes) >= 100 // 25
    assert np.mean(outcomes) > 0.5


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("informable: [food, area]", "informable: [foood, area]", "line 4.*Did you mean 'food'"),
        ("informable: [food, area]", "informable: []", "line 4, informable"),
        ("informable: [food, area]", "informable: [food, food]", "line 4.*occurs twice"),
        ("informable: [food, area]", "informable: 5", "line 4, informable"),
        ("entity: name", "entity: nam", "line 3.*Did you mean 'name'"),
        ("entity: name", "entitty: name", "line 3.*Did you mean 'entity'"),
        ("table: venues.csv", "table: venue.csv", "no table"),
        ("table: venues.csv", "table: venues.yaml", "a .csv or SQLite"),
        ("values: {food: [french]}", "values: {foods: [french]}", "line 6.*Did you mean 'food'"),
        ("name: restaurants\n", "", "name: Field required"),
        ("name: restaurants", "name: [unclosed", "is not YAML"),
        (YAML, "- a\n- b\n", "mapping"),
        (YAML, "name: !!python/object/apply:os.system [ls]\n", "line 1: the tag .* is not allowed"),
        (YAML, YAML + "name: again\n", "line 7: 'name' occurs twice, first in line 1"),
    ],
)
def test_errors_name_line_and_field(tmp_path: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        load_ontology(write(tmp_path, YAML.replace(old, new)))


@pytest.mark.parametrize(
    ("csv", "message"),
    [
        ("", "is empty"),
        ("name,food,area,phone\n", "has no rows"),
        ("name,food,area,phone\nx,y\n", "line 2: 2 cells under 4 columns"),
        ("name,food,food,phone\nx,y,z,1\n", "2 columns named 'food'"),
        (
            "name,food,area,phone\n" + "".join(f"n{k},f{k},a,1\n" for k in range(1001)),
            "'food' has 1002 values; allowed are 1 ... 1000",
        ),
        (
            "name,food,area,phone\n" + "n,f,a,1\n" * 10_001,
            "10001 rows; the limit is 10000",
        ),
    ],
)
def test_tables_that_do_not_fit(tmp_path: Path, csv: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        load_ontology(write(tmp_path, csv=csv))


def test_yaml_bomb_and_large_file(tmp_path: Path) -> None:
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for level in range(1, 9):
        bomb += f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]\n"
    with pytest.raises(ValueError, match=r"expands to .* nodes; the limit is"):
        load_ontology(write(tmp_path, bomb))
    with pytest.raises(ValueError, match="bytes; the limit is"):
        load_ontology(write(tmp_path, YAML + "#" * 50_000_000))


def test_driver_columns_follow_the_fields() -> None:
    from rlkit.envs.cabin.state import temper as driver

    for column, name in enumerate(PROBABILITIES):
        assert getattr(driver, name.upper()) == column
    assert DIALOGUE["behaviour"].shape == (len(PROBABILITIES),)


def test_driver_from_yaml(tmp_path: Path) -> None:
    path = tmp_path / "driver.yaml"
    path.write_text("greeting: [1, 1]\npatience: [2, 3]\n", "utf-8")

    made = load_driver(path)

    assert list(made.greeting) == [1, 1]
    assert made.thank == STANDARD.thank
    env = CabinEnv(user=str(path))
    env.reset(seed=0)
    assert env.simulator.record[0]["patience"] in (2, 3)
    assert env.simulator.record[0]["said"][0] == 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("greetings: [0, 1]", "line 1.*Did you mean 'greeting'"),
        ("greeting: [1, 0]", "0 <= low <= high <= 1"),
        ("greeting: 3", r"a range is \[low, high\]"),
        ("greeting: [nan, 1]", "0 <= low <= high <= 1"),
        ("patience: [0, 4]", "1 <= low <= high"),
    ],
)
def test_wrong_drivers(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "driver.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(ValueError, match=message):
        load_driver(path)


def test_behaviour_is_drawn_from_its_ranges(tmp_path: Path) -> None:
    domain = load_ontology(write(tmp_path))
    played = play(domain, Settings(driver=Driver(thank=(0.4, 0.6))), 500)

    for column, name in enumerate(PROBABILITIES):
        low, high = (0.4, 0.6) if name == "thank" else getattr(STANDARD, name)
        drawn = played.record["behaviour"][:, column]
        assert low - 1e-6 <= drawn.min() < low + 0.1 * (high - low)
        assert high - 0.1 * (high - low) < drawn.max() <= high + 1e-6


def test_cabin_is_complete() -> None:
    domain = find_domain("cabin")

    assert domain.slots[0] == "function"
    assert domain.values[0] == tuple(function.name for function in domain.functions)
    assert len(domain.functions) >= 11
    assert sum(map(len, domain.values)) <= 130
    assert find_domain("cabin") is domain
    for number, function in enumerate(domain.functions):
        if function.venues is not None:
            first, end = function.venues
            rows = domain.cells[first:end]
            others = [slot for slot in range(1, len(domain.slots)) if slot not in function.slots]
            assert (rows[:, 0] == number).all()
            assert (rows[:, function.slots] >= 0).all()
            assert (rows[:, others] == -1).all()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[" * 5000, "is not YAML"),
        ("a: " + "[" * 60 + "]" * 60, "nested more than 50 deep"),
        ("a: &a [*a]", "nested more than 50 deep"),
        ('a: "\\UFFFFFFFF"', "is not YAML"),
        ("[a]: b", "line 1: a name is a word"),
        ("a: *b", "is not YAML"),
        ("a: 1\n--- \nb: 2", "is not YAML"),
        ('name: "a\\x1bb"', "line 1, name: String should match"),
        (f"name: {'x' * 201}", "line 1, name: String should have at most 200"),
        ("", "mapping of names"),
    ],
)
def test_hostile_files(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "hostile.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(ValueError, match=message) as raised:
        load_ontology(path)
    assert str(path) in str(raised.value)


def test_cells_are_shown_in_terminals(tmp_path: Path) -> None:
    domain = load_ontology(write(tmp_path, csv=CSV.replace("thai", "t\x1b[2Jhai")))

    assert "t [2Jhai" in domain.values[0]
