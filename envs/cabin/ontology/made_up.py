"""Made-up venue tables with the shapes of the reference benchmark's, from a seed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from rlkit.elementary import power
from rlkit.envs.cabin.ontology.domain import Domain
from rlkit.randomness import derive

CONSONANTS = "bdfgklmnprstvz"
VOWELS = "aeiou"


@dataclass(frozen=True)
class Shape:
    """The size of a domain."""

    name: str
    values: Mapping[str, int | Sequence[str]]
    """Slots and their values, or how many to make up."""
    rows: int
    private: Sequence[str]
    """What only the driver may ask."""
    steepness: float = 1.0
    """Exponent of the value frequencies: the k-th most frequent has weight 1 / k^steepness."""
    used: float = 1.0
    """Share of the values that occur in the table; real tables leave many out."""


def generate(shape: Shape, seed: int = 0) -> Domain:
    """Return a domain of the given shape with made-up words and uneven frequencies."""
    rng = np.random.default_rng(derive(seed, shape.name))
    taken: set[str] = set()
    values, columns = [], []
    for slot, wanted in shape.values.items():
        words = (
            tuple(word(rng, taken) for _ in range(wanted))
            if isinstance(wanted, int)
            else tuple(wanted)
        )
        values.append(words)
        columns.append(_column(len(words), shape, rng))
        del slot
    venues = tuple(f"{word(rng, taken)} {word(rng, taken)}" for _ in range(shape.rows))
    attributes = tuple(
        tuple(_attribute(name, rng, taken) for name in shape.private) for _ in range(shape.rows)
    )
    return Domain(
        name=shape.name,
        slots=tuple(shape.values),
        values=tuple(values),
        entity="name",
        private=tuple(shape.private),
        venues=venues,
        cells=np.stack(columns, axis=1).astype(np.int16),
        attributes=attributes,
    )


def _column(
    count: int, shape: Shape, rng: np.random.Generator
) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Draw the values of one slot for all rows."""
    occurring = max(min(count, 2), round(count * shape.used)) if count > 5 else count
    weights = np.array([power(rank, -shape.steepness) for rank in range(1, occurring + 1)])
    order = rng.permutation(count)[:occurring]
    return np.asarray(order[rng.choice(occurring, shape.rows, p=weights / np.cumsum(weights)[-1])])


def word(rng: np.random.Generator, taken: set[str]) -> str:
    """Return a new made-up word of two to four syllables."""
    while True:
        syllables = int(rng.integers(2, 5))
        made = "".join(
            CONSONANTS[rng.integers(len(CONSONANTS))] + VOWELS[rng.integers(len(VOWELS))]
            for _ in range(syllables)
        )
        if made not in taken:
            taken.add(made)
            return made


def _attribute(name: str, rng: np.random.Generator, taken: set[str]) -> str:
    if name in {"phone", "postcode"}:
        return "0" + "".join(str(digit) for digit in rng.integers(0, 10, 8))
    return word(rng, taken)


VENUES3 = Shape(
    name="venues3",
    values={
        "area": ("centre", "east", "north", "south", "west"),
        "food": 91,
        "pricerange": ("cheap", "expensive", "moderate"),
    },
    rows=110,
    private=("addr", "phone", "postcode", "signature", "description"),
    steepness=1.0,
)
VENUES6 = Shape(
    name="venues6",
    values={
        "allowedforkids": ("0", "1"),
        "area": 155,
        "food": 59,
        "goodformeal": ("breakfast", "brunch", "dinner", "lunch"),
        "near": 9,
        "pricerange": ("cheap", "expensive", "moderate"),
    },
    rows=271,
    private=("addr", "phone", "postcode", "price"),
)
VENUES11 = Shape(
    name="venues11",
    values={
        "batteryrating": 4,
        "driverange": 7,
        "family": 3,
        "isforbusinesscomputing": 3,
        "platform": 3,
        "pricerange": 3,
        "processorclass": 5,
        "sysmemory": 10,
        "utility": 7,
        "warranty": 3,
        "weightrange": 2,
    },
    rows=123,
    private=(
        "battery",
        "design",
        "dimension",
        "drive",
        "graphadaptor",
        "memory",
        "price",
        "processor",
        "weight",
    ),
)
SHAPES = {shape.name: shape for shape in (VENUES3, VENUES6, VENUES11)}
"""The shipped venue domains, shaped like PyDial's CamRestaurants, SFRestaurants and Laptops11."""
