"""What the car is set to, for the dashboard: from the ontology's signals to actuators."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from rlkit.envs.cabin.car.vehicle import reading, strength
from rlkit.envs.cabin.dashboard.scene import Actuators
from rlkit.envs.cabin.ontology.domain import Domain
from rlkit.envs.cabin.state.tables import Tables

ACTUATORS: dict[str, tuple[str, str]] = {
    "Window.Position": ("windows", "share"),
    "Sunroof.Position": ("sunroof", "opening"),
    "FanSpeed": ("fan", "level"),
    "Temperature": ("temperatures", "number"),
    "HeatingCooling": ("seat_heating", "warmth"),
    "InteractiveLightBar.Color": ("ambient", "word"),
    "Media.Played.Source": ("media", "word"),
    "Media.Volume": ("volume", "share"),
    "Phone.Contact": ("call", "word"),
}
"""How a signal's path ends, the field of `Actuators` that shows it, and how it is read."""
ZONES = {
    "Row1.Driver": "driver",
    "Row1.Passenger": "passenger",
    "Row2.Driver": "rear left",
    "Row2.Passenger": "rear right",
}
"""What the path of a signal of one zone has in it, and the zone."""
PLACES = {"charge": "charging"}
"""Where the place of a function is shown; that of any other function is the destination."""
FAN_LEVELS, HEATING_LEVELS = 5, 3
TILTED = 10.0
"""What a tilted sunroof is shown as [%]."""
NOTHING = "none"


def actuators_of(domain: Domain, tables: Tables, car: Any, places: Mapping[str, str]) -> Actuators:
    """Return what a car is set to; what its ontology does not have is left out.

    Args:
        domain: The ontology.
        tables: Its tables, as records whose fields are attributes.
        car: The car's state, likewise.
        places: The places that were set, by field.
    """
    found: dict[str, Any] = {_field_of(one.name): NOTHING for one in _place_functions(domain)}
    zoned: dict[str, dict[str, Any]] = {}
    for number, signal in enumerate(domain.signals):
        shown = next((ACTUATORS[end] for end in ACTUATORS if signal.path.endswith(end)), None)
        if shown is None:
            continue
        field, way = shown
        value = _READ[way](domain, tables, car, number)
        if field in {"windows", "temperatures", "seat_heating"}:
            zone = next((ZONES[part] for part in ZONES if part in signal.path), "driver")
            zoned.setdefault(field, {})[zone] = value
        else:
            found[field] = value
    return Actuators(**(found | zoned | dict(places)))


def place_field(domain: Domain, function: int) -> str | None:
    """Return the field that shows the place of a function; None for a function without places."""
    one = domain.functions[function]
    return None if one.venues is None else _field_of(one.name)


def _place_functions(domain: Domain) -> list[Any]:
    return [one for one in domain.functions if one.venues is not None]


def _field_of(function: str) -> str:
    return PLACES.get(function, "destination")


def _share(_domain: Domain, tables: Tables, car: Any, signal: int) -> float:
    """Return where it is in its range [%]."""
    return 100.0 * strength(tables, car, signal)


def _opening(_domain: Domain, tables: Tables, car: Any, signal: int) -> float:
    """Return how far a roof is open [%]; below 0 it is tilted."""
    value = reading(tables, car, signal)
    return TILTED if value < 0 else 100.0 * value / float(tables.signals[signal].highest)


def _level(_domain: Domain, tables: Tables, car: Any, signal: int) -> int:
    return round(FAN_LEVELS * strength(tables, car, signal))


def _warmth(_domain: Domain, tables: Tables, car: Any, signal: int) -> int:
    """Return the level of heating; cooling is none."""
    value = reading(tables, car, signal) / float(tables.signals[signal].highest)
    return round(HEATING_LEVELS * max(value, 0.0))


def _number(_domain: Domain, tables: Tables, car: Any, signal: int) -> float:
    return reading(tables, car, signal)


def _word(domain: Domain, tables: Tables, car: Any, signal: int) -> str:
    """Return the value of the slot that sets the signal to what it is, "none" if there is none."""
    value = reading(tables, car, signal)
    for function in domain.functions:
        if signal not in function.signals or function.setting is None:
            continue
        levels = domain.levels[function.setting]
        for word, level in zip(domain.values[function.setting], levels, strict=True):
            if np.isclose(level, value):
                return word
    return NOTHING


_READ: dict[str, Callable[[Domain, Tables, Any, int], Any]] = {
    "share": _share,
    "opening": _opening,
    "level": _level,
    "warmth": _warmth,
    "number": _number,
    "word": _word,
}
