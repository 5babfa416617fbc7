"""The plots of the road's calibration."""

from pathlib import Path
from typing import Any

import numpy as np

from rlkit.envs.cabin.car import laws
from studies.calibration import road_laws
from studies.calibration.moments import CITY, MOTORWAY, error, noise
from studies.calibration.plots import panels, spread
from studies.calibration.road_findings import FULL, POLICIES, RoadFindings
from studies.calibration.road_laws import (
    ANCHORS,
    DEFAULTS,
    DEMANDS,
    PLACES,
    REACTION,
    RESIDUE,
)

SETTINGS: dict[str, dict[str, float]] = {
    "closed, everything off": {},
    "a window open": {"window": 1.0},
    "a window half open": {"window": 0.5},
    "fan at its highest": {"fan": 1.0},
    "loudest music": {"music": 1.0},
    "heavy rain": {"rain": 1.0},
}


def draw(images: Path, found: RoadFindings) -> None:
    """Draw everything."""
    _draw_hearing(images / "road-noise.png")
    _draw_load(images / "road-load.png")
    _draw_risk(images / "road-risk.png")
    _draw_policies(images / "road-policies.png", found)


def _draw_hearing(path: Path) -> None:
    """Draw noise and error rate against speed, and the anchors."""
    figure, (left, right) = panels(["noise at the microphone [dB(A)]", "error rate [%]"])
    speeds = np.linspace(0.0, 40.0, 161)
    for name, setting in SETTINGS.items():
        levels = [noise(DEFAULTS, float(speed), **setting) for speed in speeds]
        style = "--" if "rain" in setting else "-"  # it covers the fan, which is as loud
        left.plot(3.6 * speeds, levels, style, label=name)
        right.plot(3.6 * speeds, [100.0 * error(DEFAULTS, level) for level in levels], style)
    known = [100.0 * rate for rate in ANCHORS.values()]
    right.plot([0.0, 3.6 * CITY, 3.6 * MOTORWAY], known, "k_", ms=22, mew=2, label="anchors")
    for axes in (left, right):
        axes.set_xlabel("speed [km/h]")
        axes.legend(frameon=False, fontsize=8)
    figure.savefig(path, dpi=110)


def _draw_load(path: Path) -> None:
    """Draw the load residue after acts, and the reaction time against the AAA scale."""
    figure, (left, right) = panels(["load residue", "rise of the reaction time [s]"])
    seconds = np.linspace(0.0, 60.0, 121)
    for name, demand in DEMANDS.items():
        (line,) = left.plot(
            seconds, [road_laws.residue(demand, float(s)) for s in seconds], label=name
        )
        start = road_laws.residue(demand, 0.0)
        fast, slow = (start * np.exp(-seconds / tau) for tau in RESIDUE)
        left.fill_between(seconds, fast, slow, color=line.get_color(), alpha=0.15, lw=0)
    left.set(xlabel="seconds of silence after a turn of 5 s", ylim=(0.0, None))
    left.legend(frameon=False, title="bands: 15-27 s", title_fontsize=9)
    scale = np.linspace(1.0, 5.0, 161)
    right.plot(scale, [laws.reaction_rise(float(demand)) for demand in scale], label="here")
    right.plot(list(REACTION), list(REACTION.values()), "k_", ms=18, mew=2, label="literature")
    right.set_xlabel("demand of the dialogue (AAA scale)")
    right.legend(frameon=False, loc="lower right")
    figure.savefig(path, dpi=110)


def _draw_risk(path: Path) -> None:
    """Draw risk by phase and demand, and P(answer) by phase, beside the exact cabin."""
    figure, (left, right) = panels(["risk by the second", "P(answer)"])
    x = np.arange(len(PLACES))
    for row, (name, demand) in enumerate(DEMANDS.items()):
        pairs = [road_laws.risk(place, demand, 0.0) for place in range(len(PLACES))]
        _draw_pairs(left, x + 0.27 * (row - 1), pairs, name)
    for load, name in enumerate(("load low", "load high")):
        pairs = [road_laws.answer(place, float(load)) for place in range(len(PLACES))]
        _draw_pairs(right, x + 0.4 * (load - 0.5), pairs, name)
    for axes in (left, right):
        axes.plot([], [], "k_", label="exact cabin")
        axes.set_xticks(x, [name.replace(", ", "\n") for name, _, _ in PLACES], fontsize=8)
        axes.legend(frameon=False, fontsize=8)
    left.set_ylim(0.0, 0.75)
    right.set_ylim(0.0, 1.3)
    figure.savefig(path, dpi=110)


def _draw_pairs(axes: Any, x: Any, pairs: list[tuple[float, float]], name: str) -> None:
    """Draw bars for what is here, and marks for the exact cabin."""
    axes.bar(x, [here for here, _ in pairs], 0.25, label=name)
    axes.plot(x, [there for _, there in pairs], "k_", ms=8)


def _draw_policies(path: Path, found: RoadFindings) -> None:
    """Draw by how much the other policies differ from the handcrafted one, by road."""
    figure, both = panels(["", ""])
    names = [name for name in POLICIES if name not in (FULL, "random legal")]
    roads = sorted({road for road, _ in found.policies})
    labels = {"reward": "change of the return", "risk": "change of the seconds at risk"}
    for axes, (measure, label) in zip(both, labels.items(), strict=True):
        for row, road in enumerate(roads):
            estimates = [found.change(road, name, measure) for name in names]
            means, ends = spread(estimates)
            y = np.arange(len(names)) + 0.2 * (row - 1)
            axes.errorbar(means, y, xerr=ends, fmt="o", capsize=3, label=road)
        axes.axvline(0.0, color="k", lw=0.8)
        axes.set_yticks(range(len(names)), names)
        axes.invert_yaxis()
        axes.set_xlabel(label)
    both[0].legend(frameon=False)
    figure.savefig(path, dpi=110)
