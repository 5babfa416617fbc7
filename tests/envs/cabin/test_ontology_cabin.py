"""The shipped car: every command can be given, and every rule can be broken."""

import fnmatch
import tomllib
from itertools import product
from pathlib import Path

import pytest

from rlkit.envs.cabin.ontology.domain import (
    AT_LEAST,
    CONFIRM,
    SPEED,
    UNSAFE,
    Domain,
    Function,
    Rule,
)
from rlkit.envs.cabin.ontology.loading import SHIPPED
from rlkit.envs.cabin.scenario.options import CARS, find_domain

ROOT = Path(__file__).parents[3]
MOTORWAY = 130 / 3.6
"""Speed [m/s]."""


@pytest.fixture(scope="module")
def cabin() -> Domain:
    return find_domain("cabin")


def commands(domain: Domain, function: Function) -> list[dict[int, int]]:
    """Return all commands of a function that the car has the features for: values by slot."""
    missing = dict(function.missing)
    return [
        dict(zip(function.slots, values, strict=True))
        for values in product(*(range(len(domain.values[slot])) for slot in function.slots))
        if not any(
            value in missing.get(slot, ())
            for slot, value in zip(function.slots, values, strict=True)
        )
    ]


def meets(rule: Rule, command: dict[int, int]) -> bool:
    return all(command[slot] in values for slot, values in rule.conditions)


def holds(rule: Rule, value: float) -> bool:
    return value >= rule.threshold if rule.comparison == AT_LEAST else value <= rule.threshold


def values_at_start(domain: Domain, rule: Rule) -> tuple[float, ...]:
    return (0.0, MOTORWAY) if rule.signal == SPEED else domain.signals[rule.signal].starts


def test_every_command_can_be_executed_from_some_start(cabin: Domain) -> None:
    for number, function in enumerate(cabin.functions):
        if function.venues is not None:
            continue
        for command in commands(cabin, function):
            rules = [r for r in cabin.rules if r.function == number and meets(r, command)]
            signals = {rule.signal for rule in rules if rule.effect == UNSAFE}
            for signal in signals:
                about = [rule for rule in rules if rule.signal == signal and rule.effect == UNSAFE]
                # Signals start independently, so that each can be looked at alone.
                assert any(
                    all(holds(rule, value) for rule in about)
                    for value in values_at_start(cabin, about[0])
                ), (function.name, command)


def test_every_rule_can_be_broken_at_the_start(cabin: Domain) -> None:
    for rule in cabin.rules:
        function = cabin.functions[rule.function]
        assert any(meets(rule, command) for command in commands(cabin, function)), rule
        assert not all(holds(rule, value) for value in values_at_start(cabin, rule)), rule
        assert any(not meets(rule, command) for command in commands(cabin, function)), rule


def test_linked_functions(cabin: Domain) -> None:
    """The rules that the car is known for: those of an in-car benchmark, and speed and lock."""
    found = {
        (
            cabin.values[0][rule.function],
            "speed" if rule.signal == SPEED else cabin.signals[rule.signal].path.split(".")[-1],
            rule.effect,
        )
        for rule in cabin.rules
    }
    assert found == {
        ("sunroof", "Position", UNSAFE),  # of the shade
        ("sunroof", "speed", UNSAFE),
        ("window", "speed", UNSAFE),
        ("window", "IsWindowChildLockEngaged", UNSAFE),
        ("window", "IsAirConditioningActive", CONFIRM),
        ("air_conditioning", "Position", CONFIRM),  # of each window
        ("defrost", "FanSpeed", UNSAFE),
        ("defrost", "AirDistribution", UNSAFE),
    }


def test_some_goals_cannot_be_met(cabin: Domain) -> None:
    assert any(function.missing for function in cabin.functions)
    for function in cabin.functions:
        if function.venues is not None:
            rows = cabin.cells[slice(*function.venues)][:, function.slots]
            there = {tuple(row) for row in rows.tolist()}
            every = product(*(range(len(cabin.values[slot])) for slot in function.slots))
            assert 0 < len(there) < len([*every])


def test_it_has_what_the_simulator_needs(cabin: Domain) -> None:
    assert {signal.source for signal in cabin.signals} >= {"window", "fan", "volume"}
    assert any(function.confirm for function in cabin.functions)
    assert any(function.optional for function in cabin.functions)
    assert {*cabin.sentences} >= {"en", "de"}
    assert len(set(cabin.venues)) == len(cabin.venues)
    standard = [signal.path.startswith("Vehicle.") for signal in cabin.signals]
    assert all(standard)


def test_the_shipped_files_are_packaged() -> None:
    tool = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]
    patterns = tool["package-data"]["rlkit.envs.cabin.ontology"]
    files = [f"shipped/{file.name}" for file in SHIPPED.iterdir()]

    assert {f"shipped/{car}.yaml" for car in CARS} <= {*files}
    for file in files:
        assert any(fnmatch.fnmatch(file, pattern) for pattern in patterns), file
