"""From a domain and a scenario's settings to the flat arrays of the kernels."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass, field
from functools import cache

import numpy as np
from numpy.typing import NDArray

from rlkit.elementary import normal_quantile
from rlkit.envs.cabin.assistant.features import car_feature_names
from rlkit.envs.cabin.channel.hearing import KNOTS, Knot, write_channel
from rlkit.envs.cabin.channel.spelling import Alike, break_ties, sounding_alike
from rlkit.envs.cabin.ontology.domain import Domain
from rlkit.envs.cabin.scenario.car_tables import functions_of
from rlkit.envs.cabin.state.acts import (
    NO_SLOT,
    NO_VALUE,
    USER_ACTS,
    Action,
    car_actions,
    venue_actions,
)
from rlkit.envs.cabin.state.record import DISCOURSE, METHODS
from rlkit.envs.cabin.state.reward import RewardWeights
from rlkit.envs.cabin.state.tables import (
    GOAL_GROUP,
    GOAL_SLOTS,
    INFO_LEVELS,
    MAX_REQUESTABLES,
    MAX_SLOTS,
    MAX_VALUES,
    MAX_VENUES,
    QUANTILES,
    RULES,
    VALUE,
    Tables,
)
from rlkit.envs.cabin.state.temper import PROBABILITIES, STANDARD, Driver
from rlkit.randomness import derive

FOLLOWS_CABIN = -1.0
"""In the place of an error rate."""
MOST_BYTES = 1_000_000_000
"""Memory that tables of confusions may take [bytes]."""
INFO = ("none", "one", "two_to_four", "more", "discriminable")


@dataclass(frozen=True)
class Settings:
    """What a scenario fixes beside the ontology."""

    error_rate: float = 0.0
    """Probability that an act is misheard; `FOLLOWS_CABIN` on a road lets the noise decide."""
    driving: bool = False
    """Whether there is a car on a road, with errands, or only a dialogue about venues."""
    masks: bool = True
    """Whether only sensible acts are legal."""
    max_turns: int = 25
    """Turns after which the dialogue ends without success."""
    driver: Driver = STANDARD
    weights: RewardWeights = field(default_factory=RewardWeights)
    knots: tuple[Knot, ...] = KNOTS
    """Lists and confidences by error rate."""
    confusion_seed: int = 0
    """Decides between words at the same edit distance, as each run of PyDial does."""
    confusion_tables: int = 1
    """How many such tables there are; each episode draws one."""


def compile_tables(domain: Domain, settings: Settings) -> Tables:
    """Return the arrays of the kernels.

    Raises:
        ValueError: If the domain is larger than the kernels' fixed capacities, or has no venue.
    """
    _check_capacities(domain)
    rules = np.zeros(1, RULES)
    groups, goals = _goals(domain, settings.driving)
    rules[0]["goal_groups"] = len(groups)
    rules[0]["function_slot"] = 0 if domain.functions else NO_SLOT
    _write_features(rules[0], domain, settings.driving)
    _write_actions(rules[0], domain, settings.driving)
    words = _write_slots(rules[0], domain)
    _write_settings(rules[0], settings)
    rules, values = _with_confusions(
        rules[0], domain, settings.confusion_seed, settings.confusion_tables
    )
    return Tables(
        rules=rules,
        values=values,
        venues=np.ascontiguousarray(domain.cells, dtype=np.int16),
        holders=_holders(domain, rules[0], words),
        goal_groups=groups,
        goals=goals,
    )


def with_settings(tables: Tables, settings: Settings) -> Tables:
    """Return the same ontology under other settings; the confusions are not drawn again."""
    rules = tables.rules.copy()
    for table in rules:
        _write_settings(table, settings)
    return tables._replace(rules=rules)


def feature_names(domain: Domain, driving: bool = False) -> list[str]:
    """Return the name of every feature of the belief vector, in order."""
    names = []
    for slot, values in (
        *zip(domain.slots, domain.values, strict=True),
        (domain.entity, domain.venues),
    ):
        names += [f"belief/{slot}={value}" for value in (*values, "NONE", "dontcare")]
    names += [f"method/{method}" for method in METHODS]
    names += [f"discourse/{act}" for act in DISCOURSE]
    names += [f"requested/{slot}" for slot in domain.requestables]
    names += ["last_act/no_venue", "last_act/offer"]
    names += [f"matches/{k + 1}_slots/{what}" for k in range(INFO_LEVELS) for what in INFO]
    return [*names, *(car_feature_names(domain) if driving else ())]


def actions_of(domain: Domain, driving: bool = False) -> tuple[Action, ...]:
    """Return the assistant's actions, in order."""
    if driving:
        return car_actions(domain.slots, tuple(one.name for one in functions_of(domain)))
    return venue_actions(domain.slots)


def _check_capacities(domain: Domain) -> None:
    sizes = (
        ("slots", len(domain.slots), MAX_SLOTS),
        ("slots and requestables", len(domain.requestables), MAX_REQUESTABLES),
        ("venues", len(domain.venues), MAX_VENUES),
        *(
            (f"values of {slot!r}", len(values), MAX_VALUES)
            for slot, values in zip(domain.slots, domain.values, strict=True)
        ),
    )
    for what, size, limit in sizes:
        if size > limit:
            raise ValueError(f"{domain.name!r} has {size} {what}; the limit is {limit}")


def _goals(domain: Domain, driving: bool) -> tuple[NDArray[np.void], NDArray[np.int16]]:
    """Return the goals that drivers draw from, in groups; none on a road: they have errands."""
    if driving:
        return np.zeros(0, GOAL_GROUP), np.zeros((0, GOAL_SLOTS), np.int16)
    from rlkit.envs.cabin.scenario.goals import enumerate_goals

    return enumerate_goals(domain)


def _write_settings(rules: np.void, settings: Settings) -> None:
    """Write what the scenario fixes."""
    rules["max_turns"] = settings.max_turns
    rules["masks"] = settings.masks
    rules["error_rate"] = settings.error_rate
    rules["patience"] = settings.driver.patience
    ranges = np.array([getattr(settings.driver, name) for name in PROBABILITIES])
    rules["behaviour_low"], rules["behaviour_range"] = ranges[:, 0], ranges[:, 1] - ranges[:, 0]
    rules["weights"] = astuple(settings.weights)
    rules["quantiles"] = _quantiles()
    write_channel(rules, settings.knots)


def _write_features(rules: np.void, domain: Domain, driving: bool) -> None:
    """Write the sizes, and where each group of features begins."""
    masses = [len(values) + 2 for values in (*domain.values, domain.venues)]
    rules["slots"], rules["requestables"] = len(domain.slots), len(domain.requestables)
    rules["venues"], rules["words"] = len(domain.venues), _words(domain)
    rules["method"] = sum(masses)
    rules["discourse"] = rules["method"] + len(METHODS)
    rules["requested"] = rules["discourse"] + len(DISCOURSE)
    rules["last_acts"] = rules["requested"] + len(domain.requestables)
    rules["info"] = rules["last_acts"] + 2
    rules["car"] = rules["info"] + len(INFO) * INFO_LEVELS
    rules["features"] = rules["car"] + (len(car_feature_names(domain)) if driving else 0)


def _write_actions(rules: np.void, domain: Domain, driving: bool) -> None:
    actions = actions_of(domain, driving)
    rules["actions"] = len(actions)
    rules["action_kind"][: len(actions)] = [action.kind for action in actions]
    rules["action_slot"][: len(actions)] = [action.slot for action in actions]


@cache
def _quantiles() -> tuple[float, ...]:
    """Return quantiles of the standard normal law at equal steps, with finite ends."""
    ends = 0.25 / QUANTILES
    points = [min(max(cell / QUANTILES, ends), 1.0 - ends) for cell in range(QUANTILES + 1)]
    return tuple(normal_quantile(point) for point in points)


def _words(domain: Domain) -> int:
    return max(1, -(-len(domain.venues) // 64))


def _write_slots(rules: np.void, domain: Domain) -> int:
    """Write the slots; return the number of all their values, each slot's dontcare included."""
    rules["slot_yes"] = rules["slot_no"] = NO_VALUE
    rules["slot_alphabetical"][: len(domain.slots)] = domain.alphabetical
    first_value, belief = 0, 0
    for slot, values in enumerate((*domain.values, domain.venues)):
        rules["slot_values"][slot] = len(values)
        rules["slot_first_value"][slot] = first_value
        rules["slot_belief"][slot] = belief
        rules["slot_acceptance"][slot] = 1.0 / (len(values) - 0.1)
        if sorted(values) == ["0", "1"]:
            rules["slot_yes"][slot] = values.index("1")
            rules["slot_no"][slot] = values.index("0")
        first_value += len(values) + 1
        belief += len(values) + 2
    return first_value


def _with_confusions(
    rules: np.void, domain: Domain, seed: int, count: int
) -> tuple[NDArray[np.void], NDArray[np.void]]:
    """Return `Tables.rules` and `Tables.values` of `count` tables of confusions.

    Args:
        rules: A record of `RULES` without confusions.
        domain: The words.
        seed: Table k is the one that `seed + k` has alone.
        count: K.

    Raises:
        ValueError: If they take more than `MOST_BYTES`.
    """
    values = [_values_alike(domain, rules, slot) for slot in range(len(domain.slots) + 1)]
    per_table = sum(len(alike.table) for alike in values)
    _check_memory(domain, count, RULES.itemsize + per_table * VALUE.itemsize)
    names = domain.requestables
    heard = [k for k in range(len(names)) if names[k] != domain.entity]
    slots, acts = sounding_alike(names, heard), sounding_alike(USER_ACTS)
    tables, confused = np.full(count, rules), np.empty((count, per_table), VALUE)
    for k in range(count):
        rng = np.random.default_rng(derive(seed + k, "confusions"))
        _write_table(tables[k], "slot", slots, rng)
        confused[k] = np.concatenate([break_ties(alike, rng) for alike in values])
        _write_table(tables[k], "act", acts, rng)
        tables[k]["first_value"] = k * per_table
    return tables, confused.ravel()


def _values_alike(domain: Domain, rules: np.void, slot: int) -> Alike:
    """Return what a slot's values, and dontcare after them, are mistaken for."""
    values: Sequence[str] = (*domain.values, domain.venues)[slot]
    wanted = range(len(values)) if slot == rules["function_slot"] else None
    return sounding_alike((*values, "dontcare"), wanted)


def _write_table(rules: np.void, prefix: str, alike: Alike, rng: np.random.Generator) -> None:
    table = break_ties(alike, rng)
    for name in VALUE.names or ():
        rules[f"{prefix}_{name}"][: len(table)] = table[name]


def _check_memory(domain: Domain, count: int, size: int) -> None:
    if count * size > MOST_BYTES:
        raise ValueError(
            f"{count} tables of confusions of {domain.name!r} take {count * size / 1e6:.0f} MB, "
            f"{size / 1e3:.1f} kB each; the limit is {MOST_BYTES / 1e6:.0f} MB, that is "
            f"confusion_tables={MOST_BYTES // size}"
        )


def _holders(domain: Domain, rules: np.void, count: int) -> NDArray[np.uint64]:
    """Return the set of venues that hold each value of each slot, and then of those without one."""
    held = np.zeros((count, 64 * _words(domain)), np.uint8)
    rows = np.arange(len(domain.venues))
    for slot in range(len(domain.slots)):
        first = int(rules["slot_first_value"][slot])
        known = domain.cells[:, slot] != NO_VALUE
        held[first + domain.cells[known, slot], rows[known]] = 1
        held[first + len(domain.values[slot]), rows[~known]] = 1
    packed = np.packbits(held, axis=1, bitorder="little")
    return packed.view("<u8").astype(np.uint64)
