"""The page about the road: laws beside the literature, policies, scenarios, constants."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from rlkit.envs.cabin.assistant.handcrafted import TOO_LOUD
from rlkit.envs.cabin.car import laws
from rlkit.statistics import mean_interval
from studies.calibration import road_laws, road_plots
from studies.calibration.constants import constants
from studies.calibration.page import text_of, verdict_table
from studies.calibration.rides import OUTCOMES, Rides
from studies.calibration.road_findings import (
    FULL,
    GOOD_MICROPHONE,
    KVRET,
    NAMES,
    POLICIES,
    RoadFindings,
)
from studies.calibration.road_laws import DEMANDS, PLACES
from studies.calibration.signs import SIGNS, Sign, effect

COLUMNS = {
    "success": "success [%]",
    "reward": "return",
    "seconds": "seconds",
    "risk": "seconds at risk",
    "mood": "mood",
    "wrong": "wrong",
    "unsafe": "unsafe",
    "refusals": "refusals",
}
PAGE = """# Calibration of the driving scenarios

Written by `python -m studies.calibration.calibrate_cabin`. Every policy and scenario plays
{dialogues} dialogues with the same random streams (seed {seed}), so drivers, first errands and
moments of a road are the same for all who play on it. Brackets are 95 % intervals, those of
differences from the differences by dialogue. *Assumption* marks what no public figure settles.

## What the microphone hears

Noise is the energy sum of road, windows, fan, music and rain; the logit of the error rate is
linear in it. The anchors are the error rates to aim at: about 5 % parked and quiet, 15 % in the
city, 30 % on the motorway with fan or window. No public curve over speed was found, so they are
assumptions too.

![Noise and error rate against speed](images/road-noise.png)

{hearing}

In the drives as they are, before the assistant does anything, with windows, fan and music as the
drivers have set them:

{heard}

## Load and reaction

In silence the load residue falls to 1/e in {tau:.1f} s; the literature has 15-27 s (AAA 2015).
The reaction time rises by .25 s at 2.3 on the AAA scale (Caird 2008) and by about .4 s at 3 and
more.

![Load residue after acts, and rise of the reaction time](images/road-load.png)

{reaction}

## Risk and answers

Risk by the second: the probability that the rise of the reaction time, and not driving alone, uses
up the headway margin. The second number is the exact cabin's.

![Risk and P(answer) by phase of the road](images/road-risk.png)

{risk}

P(answer):

{answer}

## Dialogues to a place

Parked and without noise, one errand, beside the navigation dialogues of the KVRET corpus.

{kvret}

## What waiting, quieting and hearing are worth

The handcrafted policy and what is left of it: without `wait`, without `quiet`, without both
(*road-blind*), and with a microphone that mishears {microphone:.0f} % whatever the noise; beside
them a policy that takes any legal act. Wrong commands, unsafe commands and justified refusals are
counted by drive; masks keep everybody from unsafe commands.

![Differences to the handcrafted policy](images/road-policies.png)

{policies}

The same, less the handcrafted policy:

{changes}

The handcrafted policy quiets the cabin above an error rate of {loud:.0f} %, which the city hardly
reaches, so there `quiet` changes little.

## How drives end

The handcrafted policy; shares in percent.

{outcomes}

## Verdicts

{verdicts}

## Every constant

*Effect*: what rises or falls when the constant is raised; by laws exactly, else in dialogues played
with the same random numbers. Each is a test.

{constants}
"""


def write(path: Path, found: RoadFindings) -> None:
    """Write the page and its plots."""
    images = path.parent / "images"
    images.mkdir(parents=True, exist_ok=True)
    road_plots.draw(images, found)
    text = PAGE.format(
        dialogues=found.dialogues,
        seed=found.seed,
        hearing=hearing_table(),
        heard=_heard_table(found),
        tau=road_laws.time_constant(),
        reaction=reaction_table(),
        risk=risk_table(),
        answer=answer_table(),
        kvret=kvret_table(found.place),
        microphone=100 * GOOD_MICROPHONE,
        loud=100 * TOO_LOUD,
        policies=_policy_tables(found),
        changes=_change_tables(found),
        outcomes=_outcome_table(found),
        verdicts="\n".join(verdict_table(found.verdicts())),
        constants=constant_table(),
    )
    path.write_text(text, encoding="utf-8")


def hearing_table() -> str:
    """Return noise and error rate in every situation, beside the anchors."""
    rows = []
    for one in road_laws.hearing():
        anchor = "" if one.anchor is None else f"{100 * one.anchor:.0f}"
        rows.append([one.name, f"{one.noise:.1f}", f"{100 * one.error:.1f}", anchor])
    return _table(["situation", "noise [dB(A)]", "error rate [%]", "anchor [%]"], rows)


def reaction_table() -> str:
    """Return the rise of the reaction time beside the literature's."""
    rows = [
        [f"{demand:.1f}", f"{laws.reaction_rise(demand):.2f}", f"{known:.2f}"]
        for demand, known in road_laws.REACTION.items()
    ]
    return _table(["demand (AAA)", "rise [s]", "literature [s]"], rows)


def risk_table() -> str:
    """Return the risk by phase, demand and load, beside the exact cabin's."""
    cases = [(demand, load) for demand in DEMANDS.values() for load in (0.0, 1.0)]
    heads = [
        f"{name} ({demand}), load {load}"
        for name, demand in DEMANDS.items()
        for load in ("low", "high")
    ]
    rows = [
        [name, *(_pair(road_laws.risk(place, demand, load)) for demand, load in cases)]
        for place, (name, _, _) in enumerate(PLACES)
    ]
    return _table(["road", *heads], rows)


def answer_table() -> str:
    """Return P(answer) by phase and load, beside the exact cabin's."""
    rows = [
        [name, *(_pair(road_laws.answer(place, load)) for load in (0.0, 1.0))]
        for place, (name, _, _) in enumerate(PLACES)
    ]
    return _table(["road", "load low", "load high"], rows)


def constant_table() -> str:
    """Return every constant with its value, unit, source, meaning and effect."""
    rows = [[*describe(sign.constant), _effect(sign)] for sign in SIGNS]
    return _table(["constant", "value", "unit or range", "source", "what it is", "effect"], rows)


def describe(name: str) -> list[str]:
    """Return name, value, unit, source and meaning of a constant."""
    one = constants()[name]
    return [f"`{one.group}.{name}`", f"{one.value:g}", one.unit, one.source, one.meaning]


def _effect(sign: Sign) -> str:
    change = effect(sign)
    shown = f"{change.mean:+.3g}"
    if change.low != change.high:
        shown += f" [{change.low:+.3g}, {change.high:+.3g}]"
    return f"+{sign.by:g}: {sign.measure} {'rises' if sign.sign > 0 else 'falls'}, {shown}"


def _heard_table(found: RoadFindings) -> str:
    rows = [
        [f"`{name}-v0`", text_of(mean_interval(100.0 * played.error))]
        for name, played in found.scenarios.items()
    ]
    return _table(["scenario", "mean error rate [%]"], rows)


def kvret_table(place: Rides) -> str:
    """Return the lengths of dialogues to a place, beside the corpus."""
    rows = []
    for name, corpus in KVRET.items():
        here = mean_interval(getattr(place, name))
        gap = f"{100 * (here.mean / corpus - 1):+.0f}"
        rows.append([NAMES[name], text_of(here), str(corpus), gap])
    return _table(["per dialogue", "here", "KVRET", "difference [%]"], rows)


def _roads(found: RoadFindings) -> list[str]:
    return list(dict.fromkeys(road for road, _ in found.policies))


def _policy_tables(found: RoadFindings) -> str:
    rows = [
        [road, policy, *(text_of(found.measured(road, policy, one)) for one in COLUMNS)]
        for road in _roads(found)
        for policy in POLICIES
    ]
    return _table(["road", "policy", *COLUMNS.values()], rows)


def _change_tables(found: RoadFindings) -> str:
    rows = [
        [road, policy, *(text_of(found.change(road, policy, one)) for one in COLUMNS)]
        for road in _roads(found)
        for policy in POLICIES
        if policy != FULL
    ]
    return _table(["road", "policy", *COLUMNS.values()], rows)


def _outcome_table(found: RoadFindings) -> str:
    rows = [
        [name, *(f"{100 * one.share(name).mean():.2f}" for one in found.scenarios.values())]
        for name in OUTCOMES
    ]
    for measure, name in (("errands", "errands by drive"), ("refusals", "justified refusals")):
        cells = [text_of(mean_interval(getattr(r, measure))) for r in found.scenarios.values()]
        rows.append([name, *cells])
    return _table(["outcome", *(f"`{name}-v0`" for name in found.scenarios)], rows)


def _pair(numbers: tuple[float, float]) -> str:
    return f"{numbers[0]:.3f} / {numbers[1]:.3f}"


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(heads)} |", "|" + "---|" * len(heads)]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])
