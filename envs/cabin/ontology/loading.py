"""Ontologies and drivers from YAML files, checked line by line.

A domain of venues is a table and a few lines about its columns:

```yaml
name: restaurants
table: restaurants.db        # or .csv; relative to this file
entity: name                 # the column that names a row
informable: [food, area, pricerange]
requestable: [name, addr, phone, food, area, pricerange]
values: {food: [african, british]}   # optional: further values that no row has
```

A file with `functions` is a car: `fields` says what stands in it, `docs/ontology.md` a tutorial.
"""

from pathlib import Path
from typing import Any

import numpy as np

from rlkit.envs.cabin.ontology.car_file import car_domain
from rlkit.envs.cabin.ontology.domain import Domain
from rlkit.envs.cabin.ontology.fields import VenueFile
from rlkit.envs.cabin.ontology.templates import check_sentences, sentences_of
from rlkit.envs.cabin.ontology.venues import numbered, read_venues
from rlkit.envs.cabin.ontology.yaml_file import SHIPPED, Source, read_yaml
from rlkit.envs.cabin.state.temper import Driver
from rlkit.names import unknown

__all__ = ["SHIPPED", "load_driver", "load_ontology"]


def load_ontology(path: Path) -> Domain:
    """Return the domain of a YAML file: a table of venues, or a car.

    Raises:
        ValueError: If the file, a table or a field is wrong; the message has line and field.
    """
    content, source = read_yaml(path)
    if "functions" in content:
        return car_domain(content, source)
    return _venue_domain(content, source)


def load_driver(path: Path) -> Driver:
    """Return the driver of a YAML file that maps names of `Driver` to `[low, high]`.

    Raises:
        ValueError: If a name is unknown or a range is wrong.
    """
    content, source = read_yaml(path)
    ranges: dict[str, Any] = {}
    for name, given in content.items():
        if name not in Driver.__dataclass_fields__:
            raise source.error(unknown("behaviour", name, Driver.__dataclass_fields__), name)
        ranges[name] = _range(name, given, source)
    try:
        return Driver(**ranges)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None


def _range(name: str, given: Any, source: Source) -> tuple[float, float]:
    """Return a range of probabilities, or of whole numbers for the patience."""
    number = int if name == "patience" else float
    try:
        if isinstance(given, list) and len(given) == 2:
            return number(given[0]), number(given[1])
    except (TypeError, ValueError):
        pass
    raise source.error(f"a range is [low, high], got {given!r}", name)


def _venue_domain(content: dict[str, Any], source: Source) -> Domain:
    described = source.check(VenueFile, content)
    venues = read_venues(described, described.name, source)
    columns = [numbered(venues.columns[slot], venues.values[slot]) for slot in venues.columns]
    answers = tuple(zip(*venues.private.values(), strict=True))
    domain = Domain(
        name=described.name,
        slots=tuple(venues.columns),
        values=tuple(venues.values[slot] for slot in venues.columns),
        entity=venues.entity,
        private=tuple(venues.private),
        venues=venues.names,
        cells=np.stack(columns, axis=1),
        attributes=answers or ((),) * len(venues.names),
        sentences=sentences_of(described.sentences),
        type=described.type,
    )
    check_sentences(domain, source)
    return domain
