"""Rules that link the functions of a car: from the file's fields to `Rule`."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rlkit.envs.cabin.ontology.commands import Command, Signals
from rlkit.envs.cabin.ontology.domain import COMPARISONS, EFFECTS, SPEED, Rule
from rlkit.envs.cabin.ontology.fields import SPEED_FIELD, RuleFields
from rlkit.envs.cabin.ontology.slots import Slots, choose
from rlkit.envs.cabin.ontology.yaml_file import Source
from rlkit.envs.cabin.state.tables import MAX_RULES
from rlkit.names import unknown

KMH = 1.0 / 3.6
"""One km/h [m/s]."""


@dataclass(frozen=True)
class Links:
    """What rules are written in terms of."""

    functions: Mapping[str, int]
    """Numbers of all functions."""
    commands: Mapping[str, Command]
    slots: Slots
    signals: Signals
    source: Source

    def rules(self, given: Mapping[str, Mapping[str, Any]]) -> tuple[Rule, ...]:
        """Return the rules of a file; a requirement of several signals is a rule for each.

        Raises:
            ValueError: If a name is unknown or a limit exceeded; the message has line and field.
        """
        rules: list[Rule] = []
        for name, fields in given.items():
            rules += self._expanded(name, self.source.check(RuleFields, fields, "rules", name))
        if len(rules) > MAX_RULES:
            raise self.source.error(
                f"this car has {len(rules)} rules, zones counted; the limit is {MAX_RULES}", "rules"
            )
        return tuple(rules)

    def _expanded(self, name: str, rule: RuleFields) -> list[Rule]:
        field = ("rules", name)
        if rule.function not in self.commands:
            raise self.source.error(
                unknown("command", rule.function, self.commands), *field, "function"
            )
        if rule.effect not in EFFECTS:
            raise self.source.error(unknown("effect", rule.effect, EFFECTS), *field, "effect")
        conditions = choose(
            rule.conditions,
            self.commands[rule.function].values(),
            self.slots,
            self.source,
            *field,
            "conditions",
        )
        ((required, comparisons),) = rule.require.items()
        numbers = self._required(required, (*field, "require"))
        comparison, threshold = self._comparison(required, comparisons, (*field, "require"))
        zones = self._zones(required)
        return [
            Rule(
                name=f"{name} ({zone})" if zone else name,
                function=self.functions[rule.function],
                conditions=conditions,
                signal=signal,
                comparison=comparison,
                threshold=threshold,
                effect=rule.effect,
            )
            for signal, zone in zip(numbers, zones, strict=True)
        ]

    def _required(self, required: str, field: tuple[str, ...]) -> tuple[int, ...]:
        """Return the signals of a requirement's name."""
        if required == SPEED_FIELD:
            return (SPEED,)
        if required not in self.signals.named:
            known = (SPEED_FIELD, *self.signals.named)
            raise self.source.error(unknown("signal", required, known), *field, required)
        return self.signals.named[required]

    def _zones(self, required: str) -> tuple[str, ...]:
        """Return the zone of each signal of a requirement; "" for one without zones."""
        command = self.commands.get(required)
        zone = command.fields.zone if command else None
        if command is None or zone is None or required == SPEED_FIELD:
            return ("",)
        own = command.values()[zone]
        return tuple(value for value in self.slots.values(zone) if value in own)

    def _comparison(
        self, required: str, comparisons: Mapping[str, str], field: tuple[str, ...]
    ) -> tuple[str, float]:
        """Return the comparison and the threshold, in the unit of the signal or [m/s]."""
        field = (*field, required)
        if len(comparisons) != 1:
            raise self.source.error(f"give one of {' and '.join(COMPARISONS)}", *field)
        ((comparison, given),) = comparisons.items()
        if comparison not in COMPARISONS:
            raise self.source.error(unknown("comparison", comparison, COMPARISONS), *field)
        threshold = self._level_of(required, given, (*field, comparison))
        return comparison, threshold * KMH if required == SPEED_FIELD else threshold

    def _level_of(self, required: str, given: str, field: tuple[str, ...]) -> float:
        """Return a threshold that is a number, or a value of the function that sets the signal."""
        command = self.commands.get(required)
        setting = command.fields.setting if command else None
        words = command.values()[setting] if command and setting else ()
        if given in words and setting is not None:
            level = zip(self.slots.values(setting), self.slots.levels(setting), strict=True)
            return dict(level)[given]
        try:
            threshold = float(given)
        except ValueError:
            threshold = math.nan
        if not math.isfinite(threshold):
            raise self.source.error(
                "the threshold is a number"
                + (f" or one of {', '.join(words)}" if words else "")
                + f", got {given!r}",
                *field,
            )
        return threshold
