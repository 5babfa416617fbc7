"""What may stand in the YAML files of an ontology: of a table of venues, and of a car."""

from typing import Annotated, Any

from pydantic import Field

from rlkit.envs.cabin.ontology.yaml_file import LONGEST_WORD, Fields, Number, Word
from rlkit.envs.cabin.state.tables import (
    MAX_CONDITIONS,
    MAX_FUNCTIONS,
    MAX_REQUESTABLES,
    MAX_SLOTS,
    MAX_VALUES,
)

SPEED_FIELD = "speed_kmh"
"""Names the speed of the car [km/h] in the requirement of a rule."""

Sentences = dict[Word, dict[Word, dict[Word, Annotated[str, Field(max_length=LONGEST_WORD)]]]]
"""By language, section and key: templates, as `templates` describes them."""
Weight = Annotated[float, Field(gt=0.0, le=1e6, allow_inf_nan=False)]
Words = Annotated[list[Word], Field(min_length=1)]
Chosen = dict[Word, Words]
"""Values by slot."""


class VenueFields(Fields):
    """The fields that describe a table of places."""

    table: Word
    """CSV or SQLite file, relative to the YAML file."""
    table_name: Word | None = None
    """Table of the SQLite file; by default the file's or the domain's name, or the only one."""
    entity: Word = "name"
    """Column that names a row."""
    informable: Annotated[list[Word], Field(min_length=1, max_length=MAX_SLOTS)]
    """Columns that the driver constrains and the assistant may ask."""
    requestable: list[Word] = Field(default=[], max_length=MAX_REQUESTABLES)
    """Columns that the driver may ask."""
    values: dict[Word, Annotated[list[Word], Field(max_length=MAX_VALUES)]] = Field(default={})
    """Further values, by informable."""


class VenueFile(VenueFields):
    """The fields of a venue domain's YAML file."""

    name: Word
    """Name of the domain."""
    type: Word | None = None
    """What transcripts call the kind of place, such as "hotel"; the name by default."""
    sentences: Sentences = Field(default={})
    """By language and section (assistant, driver, words, phrases): templates of what is said."""


class CarFile(Fields):
    """A car: what it does, and what links its functions."""

    name: Word
    """Name of the domain."""
    functions: Annotated[dict[Word, dict[str, Any]], Field(min_length=1, max_length=MAX_FUNCTIONS)]
    """By name: a `PlaceFields`, `ReferenceFields` or `CommandFields`."""
    signals: dict[Word, dict[str, Any]] = Field(default={})
    """By name: a `SignalFields` of a signal that no function sets."""
    rules: dict[Word, dict[str, Any]] = Field(default={})
    """By name: a `RuleFields`."""
    sentences: Sentences = Field(default={})
    """By language and section (assistant, driver, words, phrases): templates of what is said."""


class PlaceFields(VenueFields):
    """A function that finds a place in a table."""

    weight: Weight = 1.0
    """How often drivers want it, relative to the other functions."""


class ReferenceFields(Fields):
    """A function that finds a place, described by a YAML file of its own."""

    ontology: Word
    """YAML file of a venue domain, relative to this file."""
    weight: Weight = 1.0


class MoveFields(Fields):
    """What moves to a value, from which side."""

    below: Word
    above: Word


class SwitchFields(Fields):
    """The actuator of a signal that is a sensor."""

    path: Word
    """COVESA VSS v6 path."""
    moves: dict[Word, Word | MoveFields]
    """By value of the setting: the text that moves to it."""


class SignalFields(Fields):
    """A signal of the car, or the same signal in several zones."""

    path: Word | dict[Word, Word]
    """COVESA VSS v6 path; by value of the zone slot where the function has one."""
    datatype: Word = "float"
    """One of `domain.DATATYPES`."""
    texts: dict[Word, Word | Words] = Field(default={})
    """By value of the setting: how the signal spells it; of several texts the first is written."""
    switch: SwitchFields | None = None
    """What moves it, if it is a sensor."""
    unit: Annotated[str, Field(max_length=20)] = ""
    lowest: Number = 0.0
    highest: Number = 1.0
    starts: Annotated[list[Number], Field(min_length=1, max_length=16)] | None = None
    """Values that it has when a drive begins, equally likely; by default the lowest."""
    source: Word | None = None
    """One of `domain.NOISE_SOURCES`, if it makes noise in proportion to its value."""


class CommandFields(Fields):
    """A function that sets a signal."""

    slots: Annotated[dict[Word, Any], Field(min_length=1)]
    """By slot: values with their levels, a list of values, or nothing if another has them."""
    zone: Word | None = None
    """Slot whose value chooses the signal."""
    setting: Word | None = None
    """Slot whose level is what the signal is set to."""
    signal: dict[str, Any] | None = None
    """A `SignalFields`."""
    weight: Weight = 1.0
    confirm: bool = False
    """Whether the driver must confirm it before it is executed."""
    missing: Chosen = Field(default={})
    """What this car does not have."""
    optional: dict[Word, Annotated[Chosen, Field(min_length=1, max_length=1)]] = Field(default={})
    """Slots needed only if another slot has one of some values."""


class RuleFields(Fields):
    """A rule: broken by a command that meets the conditions while the requirement is not met."""

    function: Word
    conditions: Annotated[Chosen, Field(max_length=MAX_CONDITIONS)] = Field(default={})
    """Values of the command."""
    require: Annotated[dict[Word, dict[Word, Word]], Field(min_length=1, max_length=1)]
    """By function or signal or `speed_kmh`: at_least or at_most, and a number or value."""
    effect: Word
    """One of `domain.EFFECTS`."""
