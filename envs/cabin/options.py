"""The keywords of `gym.make`, checked once for the single and the vector environment."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from rlkit.envs.cabin.domain import Domain
from rlkit.envs.cabin.driver import DRIVERS, Driver
from rlkit.envs.cabin.generator import SHAPES, generate
from rlkit.envs.cabin.reward import RewardWeights, reward_weights
from rlkit.envs.cabin.scenario import Settings, compile_tables, with_settings
from rlkit.envs.cabin.tables import Tables
from rlkit.names import unknown

OBSERVATIONS = ("belief", "history", "pixels", "dict")
ON_ILLEGAL = ("null", "error")
RENDER_MODES = ("ansi",)
CARS = ("cabin",)
"""The shipped ontologies of cars; `SHAPES` are those of venues."""
MOST_TURNS = 1000
LONGEST_HISTORY = 100


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
        ser: Semantic error rate in [0, 1].
        masks: Whether only sensible acts are legal.
        on_illegal: What a masked act does: "null" (nothing, and it costs its turn) or "error".
        max_turns: Turns after which the dialogue ends without success.
        drive: Reserved for driving scenarios; None.
        confusion_seed: Decides which of equally similar words are mistaken for each other.
    """

    ontology: str = "venues3"
    observation: str = "belief"
    history: int = 8
    reward: Mapping[str, float] | None = None
    user: str = "standard"
    ser: float | None = 0.0
    masks: bool = True
    on_illegal: str = "null"
    max_turns: int = 25
    drive: str | None = None
    confusion_seed: int = 0

    def __post_init__(self) -> None:
        _one_of("observation", self.observation, OBSERVATIONS)
        _one_of("on_illegal", self.on_illegal, ON_ILLEGAL)
        _whole("history", self.history, 1, LONGEST_HISTORY)
        _whole("max_turns", self.max_turns, 1, MOST_TURNS)
        _whole("confusion_seed", self.confusion_seed, 0, 2**63)
        if not isinstance(self.masks, bool):
            raise ValueError(f"masks is True or False, got {self.masks!r}")
        if self.drive is not None:
            raise ValueError(f"this scenario has no road: drive is None, got {self.drive!r}")
        rate = self.ser
        if not isinstance(rate, int | float) or not 0.0 <= rate <= 1.0:
            raise ValueError(f"ser is an error rate in [0, 1], got {rate!r}")

    def settings(self) -> Settings:
        """Return what the kernels need to know beside the ontology."""
        changes = dict(self.reward) if self.reward is not None else None
        return Settings(
            error_rate=float(self.ser or 0.0),
            masks=self.masks,
            max_turns=self.max_turns,
            driver=find_driver(self.user),
            weights=reward_weights(RewardWeights(), changes),
            confusion_seed=self.confusion_seed,
        )

    def load(self) -> tuple[Domain, Tables]:
        """Return the ontology and its tables under these options."""
        domain = find_domain(self.ontology)
        if self.ontology in SHAPES:
            return domain, with_settings(
                _shipped(self.ontology, self.confusion_seed), self.settings()
            )
        return domain, compile_tables(domain, self.settings())


def find_domain(ontology: str) -> Domain:
    """Return a shipped ontology by name, or load one from its YAML file.

    Raises:
        ValueError: If there is none; the message has the nearest name.
    """
    if ontology in SHAPES:
        return _generated(ontology)
    if ontology in CARS:
        return _car(ontology)
    path = Path(ontology)
    if path.suffix.lower() in {".yaml", ".yml"}:
        from rlkit.envs.cabin.ontology import load_ontology

        return load_ontology(path)
    raise ValueError(
        unknown("ontology", str(ontology), (*CARS, *SHAPES)) + " Or give a .yaml file."
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
        from rlkit.envs.cabin.ontology import load_driver

        return load_driver(path)
    raise ValueError(unknown("user", str(user), DRIVERS) + " Or give a .yaml file.")


@cache
def _car(name: str) -> Domain:
    from rlkit.envs.cabin.ontology import SHIPPED, load_ontology

    return load_ontology(SHIPPED / f"{name}.yaml")


@cache
def _generated(name: str) -> Domain:
    return generate(SHAPES[name])


@cache
def _shipped(name: str, confusion_seed: int) -> Tables:
    return compile_tables(_generated(name), Settings(confusion_seed=confusion_seed))


def _one_of(name: str, value: Any, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise ValueError(unknown(name, str(value), allowed))


def _whole(name: str, value: Any, low: int, high: int) -> None:
    whole = isinstance(value, int) and not isinstance(value, bool)
    if not whole or not low <= value <= high:
        raise ValueError(f"{name} is a whole number {low} ... {high}, got {value!r}")
