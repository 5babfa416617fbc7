"""The keywords of `gym.make`, checked once for the single and the vector environment."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from rlkit.envs.cabin.car.constants import CabinConfig
from rlkit.envs.cabin.ontology.domain import Domain
from rlkit.envs.cabin.roads.loading import load_drives
from rlkit.envs.cabin.scenario.car_tables import compile_car
from rlkit.envs.cabin.scenario.dialogue_tables import (
    FOLLOWS_CABIN,
    Settings,
    actions_of,
    compile_tables,
    feature_names,
    with_settings,
)
from rlkit.envs.cabin.state.acts import Action
from rlkit.envs.cabin.state.reward import DRIVING_WEIGHTS, RewardWeights, reward_weights
from rlkit.envs.cabin.state.tables import Tables
from rlkit.envs.cabin.state.temper import DRIVERS, Driver, in_car
from rlkit.names import unknown

OBSERVATIONS = ("belief", "history", "pixels", "dict")
ON_ILLEGAL = ("null", "error")
CARS, VENUES = ("cabin",), ("venues3", "venues6", "venues11")
"""The shipped ontologies: cars, and made-up tables of venues."""
BENCHMARK_TURNS, DRIVING_TURNS, MOST_TURNS = 25, 40, 1000
LONGEST_HISTORY = 100
MOST_TABLES = 100_000


class Scenario(NamedTuple):
    """An ontology in a scenario, ready for the kernels."""

    domain: Domain
    tables: Tables

    @property
    def actions(self) -> tuple[Action, ...]:
        """The assistant's actions, in order."""
        return actions_of(self.domain, self.tables.driving)

    @property
    def feature_names(self) -> list[str]:
        """The name of every number of the belief vector."""
        return feature_names(self.domain, self.tables.driving)


@dataclass(frozen=True)
class Options:
    """The arguments of a cabin environment.

    Args:
        ontology: A shipped ontology (`cabin`, `venues3`, `venues6`, `venues11`) or the path of a
            YAML file.
        observation: "belief", "history", "pixels" or "dict".
        history: Turns that the "history" observation shows, 1 ... 100.
        reward: Weights of the reward terms by name; the others keep their default.
        user: "standard", "unfriendly", or the path of a YAML file with behaviour ranges.
        ser: Semantic error rate in [0, 1]; None lets the noise in the cabin decide on a road, and
            is 0 without one.
        masks: Whether only sensible acts are legal.
        on_illegal: What a masked act does: "null" (nothing, and it costs its turn; without a road
            those of the handcrafted policy, which knows no masks, are carried out) or "error".
        max_turns: Turns after which the dialogue ends, on a road without success; by default 40
            there (where waiting is no turn) and 25 elsewhere.
        drive: The road: "mixed", "city", "motorway", "parked", or the path of a CSV file. None is
            the benchmark's dialogue without car and clock, for ontologies of venues only; an
            ontology with functions then stands parked.
        confusion_seed: Decides which of equally similar words are mistaken for each other: one
            table of confusions.
        confusion_tables: How many such tables there are, those of `confusion_seed` and the seeds
            after it; each episode draws one.
    """

    ontology: str = "venues3"
    observation: str = "belief"
    history: int = 8
    reward: Mapping[str, float] | None = None
    user: str = "standard"
    ser: float | None = None
    masks: bool = True
    on_illegal: str = "null"
    max_turns: int | None = None
    drive: str | None = None
    confusion_seed: int = 0
    confusion_tables: int = 1

    def __post_init__(self) -> None:
        for name in ("ontology", "user"):
            if not isinstance(getattr(self, name), str):
                raise ValueError(f"{name} is a name or a path, got {getattr(self, name)!r}")
        if self.drive is not None and not isinstance(self.drive, str):
            raise ValueError(f"drive is a name, a path or None, got {self.drive!r}")
        if self.reward is not None and not isinstance(self.reward, Mapping):
            raise ValueError(f"reward is a mapping of names to weights, got {self.reward!r}")
        _one_of("observation", self.observation, OBSERVATIONS)
        _one_of("on_illegal", self.on_illegal, ON_ILLEGAL)
        _whole("history", self.history, 1, LONGEST_HISTORY)
        if self.max_turns is not None:
            _whole("max_turns", self.max_turns, 1, MOST_TURNS)
        _whole("confusion_seed", self.confusion_seed, 0, 2**63)
        _whole("confusion_tables", self.confusion_tables, 1, MOST_TABLES)
        if not isinstance(self.masks, bool):
            raise ValueError(f"masks is True or False, got {self.masks!r}")
        rate: Any = self.ser
        if rate is not None and not (isinstance(rate, int | float) and 0.0 <= rate <= 1.0):
            raise ValueError(f"ser is an error rate in [0, 1] or None, got {rate!r}")

    def load(self) -> Scenario:
        """Return the ontology and its tables under these options."""
        domain = find_domain(self.ontology)
        driving = self.drive is not None or bool(domain.functions)
        settings = self._driving() if driving else self._benchmark()
        if self.ontology in (*CARS, *VENUES) and self.confusion_tables == 1:
            tables = with_settings(_shipped(self.ontology, self.confusion_seed, driving), settings)
        else:
            tables = compile_tables(domain, settings)
        if not driving:
            return Scenario(domain, tables)
        drives = load_drives(self.drive or "parked")
        return Scenario(domain, compile_car(domain, CabinConfig(), drives, tables))

    def _benchmark(self) -> Settings:
        return Settings(
            error_rate=float(self.ser or 0.0),
            masks=self.masks,
            max_turns=self.max_turns or BENCHMARK_TURNS,
            driver=find_driver(self.user),
            weights=self._weights(RewardWeights()),
            confusion_seed=self.confusion_seed,
            confusion_tables=self.confusion_tables,
        )

    def _driving(self) -> Settings:
        return Settings(
            error_rate=FOLLOWS_CABIN if self.ser is None else float(self.ser),
            driving=True,
            masks=self.masks,
            max_turns=self.max_turns or DRIVING_TURNS,
            driver=in_car(find_driver(self.user)),
            weights=self._weights(DRIVING_WEIGHTS),
            confusion_seed=self.confusion_seed,
            confusion_tables=self.confusion_tables,
        )

    def _weights(self, base: RewardWeights) -> RewardWeights:
        return reward_weights(base, dict(self.reward) if self.reward is not None else None)


def find_domain(ontology: str) -> Domain:
    """Return a shipped ontology by name, or load one from its YAML file.

    Raises:
        ValueError: If there is none; the message has the nearest name.
    """
    if ontology in VENUES:
        return _generated(ontology)
    if ontology in CARS:
        return _car(ontology)
    path = Path(ontology)
    if path.suffix.lower() in {".yaml", ".yml"}:
        from rlkit.envs.cabin.ontology.loading import load_ontology

        return load_ontology(path)
    raise ValueError(
        unknown("ontology", str(ontology), (*CARS, *VENUES)) + " Or give a .yaml file."
    )


def find_driver(user: str) -> Driver:
    """Return a driver by name, or load one from its YAML file.

    Raises:
        ValueError: If there is none; the message has the nearest name.
    """
    if user in DRIVERS:
        return DRIVERS[user]
    path = Path(user)
    if path.suffix.lower() in {".yaml", ".yml"}:
        from rlkit.envs.cabin.ontology.loading import load_driver

        return load_driver(path)
    raise ValueError(unknown("user", str(user), DRIVERS) + " Or give a .yaml file.")


@cache
def _car(name: str) -> Domain:
    from rlkit.envs.cabin.ontology.loading import SHIPPED, load_ontology

    return load_ontology(SHIPPED / f"{name}.yaml")


@cache
def _generated(name: str) -> Domain:
    from rlkit.envs.cabin.ontology.made_up import SHAPES, generate

    return generate(SHAPES[name])


@cache
def _shipped(name: str, confusion_seed: int, driving: bool) -> Tables:
    settings = Settings(confusion_seed=confusion_seed, driving=driving)
    return compile_tables(find_domain(name), settings)


def _one_of(name: str, value: Any, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise ValueError(unknown(name, str(value), allowed))


def _whole(name: str, value: Any, low: int, high: int) -> None:
    whole = isinstance(value, int) and not isinstance(value, bool)
    if not whole or not low <= value <= high:
        raise ValueError(f"{name} is a whole number {low} ... {high}, got {value!r}")
