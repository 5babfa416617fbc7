"""The page of the calibration: tables beside the reference, verdicts, plots."""

from pathlib import Path

import numpy as np

from rlkit.registration import CONDITIONS
from rlkit.statistics import Estimate
from studies.calibration.dialogues import (
    ANSWER,
    NOTHING_FOUND,
    OFFER,
    Dialogues,
    by_table,
    interval,
)
from studies.calibration.findings import LARGER, LOUDEST, REFERENCE, SMALL, Claim, Findings
from studies.calibration.plots import panels, with_error

UNITS = {"success": "success [%]", "reward": "reward", "turns": "turns"}

# Acts per dialogue at conditions 3 and 6, from 450 dialogues of PyDial with one seed.
SYSTEM_ACTS = {
    "confirm": (2.5, 1.7),
    "request": (1.5, 1.8),
    OFFER: (2.1, 2.8),
    ANSWER: (1.1, 1.3),
    "reqmore": (0.2, 0.2),
    NOTHING_FOUND: (0.23, 0.44),
}
USER_ACTS = {
    "inform": (2.1, 2.6),
    "affirm": (2.3, 1.3),
    "request": (1.0, 1.1),
    "hello": (0.5, 0.5),
    "reqalts": (0.5, 0.8),
    "confirm": (0.3, 0.4),
    "thankyou + ack": (0.5, 0.6),
    "negate": (0.2, 0.3),
    "deny": (0.1, 0.2),
}


PAGE = """# Calibration of the benchmark scenarios

Written by `python -m studies.calibration.calibrate_cabin`. The handcrafted policy plays the shipped
ontologies with {tables} tables of confusions each (`confusion_seed` {first} ... {last}: which of
equally similar words are mistaken for each other), {dialogues} dialogues a table and condition.
Brackets are 95 % intervals from the spread between tables, of which an interval over the dialogues
of one table knows nothing: in `venues3`, condition 3, single tables return {returns}.

The reference is PyDial's handcrafted policy on its Cambridge restaurants, measured with PyDial (500
dialogues for condition 1, 1,300 for 3 and 6); it ignores the action masks, so conditions 1 and 2,
and 3 and 4, differ by chance only. With PyDial's own tables of places and its dialogues on them at
hand, `python -m studies.calibration.beside_pydial` compares thirteen cells of three domains.

![Success and reward by condition](images/calibration-conditions.png)

{conditions}

## Acts per dialogue, `venues3`

{acts}

## Error rates between and beyond

Lists and confidences are known at 0, 15 and 30 %; between them the laws are interpolated linearly,
beyond 30 % only the error rate grows.

![Success and reward by error rate](images/calibration-noise.png)

{curve}

## The belief against the 1-best

At 30 %, with the same drivers and goals, the microphone tells less: only the top hypothesis with
its confidence instead of the list, or the top hypothesis always with confidence .95.

{without}

The second row is about confirming: where the confidences of right and misheard acts hardly differ,
as they do at 30 %, what a confirmation saves can be worth less than its turn.

## Verdicts

{verdicts}
"""


def write(path: Path, found: Findings) -> None:
    """Write the page and its plots."""
    images = path.parent / "images"
    images.mkdir(parents=True, exist_ok=True)
    _draw_conditions(images / "calibration-conditions.png", found)
    _draw_curve(images / "calibration-noise.png", found)
    tables = len(found.curve[LOUDEST])
    returns = by_table(found.conditions[SMALL, 3], "reward")
    text = PAGE.format(
        tables=tables,
        first=found.seed,
        last=found.seed + tables - 1,
        dialogues=found.dialogues,
        returns=f"{returns.min():.2f} ... {returns.max():.2f}",
        conditions="\n\n".join(_condition_table(found, domain) for domain in (SMALL, *LARGER)),
        acts="\n".join(_act_table(found)),
        curve="\n".join(_curve_table(found)),
        without="\n".join(_without_table(found)),
        verdicts="\n".join(verdict_table(found.verdicts())),
    )
    path.write_text(text, encoding="utf-8")


def verdict_table(claims: list[Claim]) -> list[str]:
    """Return the lines of a table of what was claimed and whether it holds."""
    rows = [
        f"| {claim.text} | {text_of(claim.measured)} | {'yes' if claim.holds else '**no**'} |"
        for claim in claims
    ]
    return ["| claim | measured | holds |", "|---|---|---|", *rows]


def _without_table(found: Findings) -> list[str]:
    lines = ["| without | change in success [points] | in reward | in turns |", "|---|---|---|---|"]
    for what in found.without:
        cells = [text_of(found.change_without(what, measure)) for measure in UNITS]
        lines.append(f"| {what} | {' | '.join(cells)} |")
    return lines


def text_of(estimate: Estimate) -> str:
    """Return a mean with its interval, if it has one."""
    if estimate.low == estimate.high:
        return f"{estimate.mean:.2f}"
    return f"{estimate.mean:.2f} [{estimate.low:.2f}, {estimate.high:.2f}]"


def _condition_table(found: Findings, domain: str) -> str:
    lines = [
        f"## `{domain}`",
        "",
        "| condition | error rate | masks | user | success [%] | reward | turns |",
        "|---|---|---|---|---|---|---|",
    ]
    for number, (error_rate, masks, user) in enumerate(CONDITIONS, 1):
        cells = [text_of(found.measured(domain, number, measure)) for measure in UNITS]
        setting = f"{100 * error_rate:.0f} % | {'on' if masks else 'off'} | {user}"
        lines.append(f"| {number} | {setting} | {' | '.join(cells)} |")
        if domain == SMALL and number in REFERENCE:
            known = [f"{REFERENCE[number][measure]:.1f}" for measure in UNITS]
            lines.append(f"| {number}, PyDial | | | | {' | '.join(known)} |")
    return "\n".join(lines)


def _rate(played: list[Dialogues], side: str, kind: str) -> float:
    """Return the acts of a kind per dialogue; kinds joined by " + " are added."""
    counts: list[dict[str, float]] = [getattr(one, side) for one in played]
    return float(np.mean([sum(one[part] for part in kind.split(" + ")) for one in counts]))


def _act_table(found: Findings) -> list[str]:
    lines = ["| who | act | 1 | 3 | PyDial 3 | 6 | PyDial 6 |", "|---|---|---|---|---|---|---|"]
    for who, side, known in (("car", "system", SYSTEM_ACTS), ("driver", "user", USER_ACTS)):
        for kind, (third, sixth) in known.items():
            ours = [_rate(found.conditions[SMALL, n], side, kind) for n in (1, 3, 6)]
            lines.append(
                f"| {who} | {kind} | {ours[0]:.2f} | {ours[1]:.2f} | {third} | "
                f"{ours[2]:.2f} | {sixth} |"
            )
    return lines


def _curve(found: Findings, measure: str) -> list[Estimate]:
    return [interval(by_table(played, measure)) for played in found.curve.values()]


def _curve_table(found: Findings) -> list[str]:
    lines = ["| error rate | success [%] | reward | turns |", "|---|---|---|---|"]
    columns = [_curve(found, measure) for measure in UNITS]
    for row, rate in enumerate(found.curve):
        cells = " | ".join(text_of(column[row]) for column in columns)
        lines.append(f"| {100 * rate:.0f} % | {cells} |")
    return lines


def _draw_conditions(path: Path, found: Findings) -> None:
    """Draw success and reward of every domain and condition, and the reference."""
    figure, both = panels([UNITS["success"], UNITS["reward"]])
    numbers = np.arange(1, len(CONDITIONS) + 1)
    for axes, measure in zip(both, ("success", "reward"), strict=True):
        for place, domain in enumerate((SMALL, *LARGER)):
            estimates = [found.measured(domain, int(number), measure) for number in numbers]
            shift = 0.12 * (place - 1)
            with_error(axes, numbers + shift, estimates, fmt="o", label=domain)
        known = [reference[measure] for reference in REFERENCE.values()]
        axes.plot(list(REFERENCE), known, "k_", markersize=22, label="PyDial")
        axes.set(xlabel="condition", xticks=numbers)
    both[0].legend(frameon=False)
    figure.savefig(path, dpi=110)


def _draw_curve(path: Path, found: Findings) -> None:
    """Draw success and reward against the error rate, and the reference."""
    figure, both = panels([UNITS["success"], UNITS["reward"]])
    rates = [100 * rate for rate in found.curve]
    for axes, measure in zip(both, ("success", "reward"), strict=True):
        with_error(axes, rates, _curve(found, measure), fmt="o-", label=SMALL)
        known = [reference[measure] for reference in REFERENCE.values()]
        axes.plot([0, 15, 30], known, "k_", markersize=22, label="PyDial")
        axes.set_xlabel("error rate [%]")
    both[0].legend(frameon=False)
    figure.savefig(path, dpi=110)
