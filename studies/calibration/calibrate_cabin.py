"""Measure the scenarios beside the reference and write two pages, for the benchmark and the road.

Every figure of the benchmark is a mean over tables of confusions, each with its own tie-breaking
of similar words; its 95 % interval is Student's, from the spread between tables, which includes
that between dialogues. Figures of the road are means over dialogues with bootstrap intervals.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import count
from pathlib import Path
from typing import Literal

from rlkit.envs.cabin.channel.hearing import HEAVY_NOISE, NOISELESS, Knot
from rlkit.envs.cabin.scenario.dialogue_tables import Settings, compile_tables, with_settings
from rlkit.envs.cabin.scenario.options import find_domain
from rlkit.envs.cabin.state.tables import Tables
from rlkit.envs.cabin.state.temper import DRIVERS
from rlkit.registration import CONDITIONS
from rlkit.scripts.common import command, print_json
from studies.calibration import page, road_page
from studies.calibration.dialogues import Dialogues, play
from studies.calibration.findings import LARGER, LOUDEST, SMALL, Findings
from studies.calibration.road_findings import ROAD_STEPS, RoadFindings, measure_road

DOMAINS = (SMALL, *LARGER)
RATES = (0.0, 0.05, 0.10, 0.15, 0.20, 0.25, 0.30, 0.40, 0.50)
"""Error rates of the interpolation curve."""
ALONE = (1.0, 0.0, 0.0, 0.0, 0.0)
"""Length 1 of every list."""
ONE_BEST = replace(HEAVY_NOISE, right_lengths=ALONE, wrong_lengths=ALONE)
"""The list cut to its top hypothesis, which keeps its confidence; the rest counts as silence."""
SURE = (0.99, 0.01, 0.01, 0.01, 0.01, 0.01)
CERTAIN = replace(
    ONE_BEST, top_mean=SURE, top_variance=(0.0,) * 6, below_mean=SURE, below_variance=(0.0,) * 6
)
"""The top hypothesis, always with the same high confidence (.95 after normalisation)."""
WITHOUT = {"list": ONE_BEST, "list and confidence": CERTAIN}
"""What the assistant does without."""


@dataclass
class Calibrate:
    """Measure the handcrafted policy beside the reference, and on the road beside what is known."""

    tables: int = 24
    """Tables of confusions a domain, 2 or more."""
    dialogues: int = 1500
    """Dialogues a table and condition."""
    seed: int = 0
    """Table t has the `confusion_seed` `seed + t`."""
    out: Path = Path("docs/cabin-calibration.md")
    """The benchmark's page; its plots go into `images/` beside it."""
    pages: Literal["both", "benchmark", "road"] = "both"
    """Which pages to write."""
    drives: int = 4000
    """Dialogues on the road, of every policy."""
    road_out: Path = Path("docs/road-calibration.md")
    """The road's page."""
    json: bool = False
    """Print one machine-readable line last."""

    def main(self) -> None:
        """Measure, write and print."""
        if self.tables < 2 or self.dialogues < 1 or self.drives < 2:
            raise ValueError(
                "an interval needs --tables and --drives 2 or more and --dialogues 1 or more"
            )
        found: dict[Path, Findings | RoadFindings] = {}
        if self.pages != "road":
            found[self.out] = self.benchmark()
        if self.pages != "benchmark":
            found[self.road_out] = self.on_the_road()
        if self.json:
            print_json({path.stem: one.as_json() for path, one in found.items()})
            return
        for path, one in found.items():
            print(f"{path}: {len(one.verdicts())} figures and orderings")

    def benchmark(self) -> Findings:
        """Measure the benchmark scenarios, and write their page."""
        from rlkit.agents.progress import bar

        total = (len(DOMAINS) * len(CONDITIONS) + len(RATES) + len(WITHOUT)) * self.tables
        with bar(total, "calibrating", shown=not self.json) as advance:
            conditions: dict[tuple[str, int], list[Dialogues]] = {}
            done = 0
            for key, played in self.conditions():
                conditions[key] = played
                advance(done := done + self.tables)
            curve = {}
            for rate in RATES:
                curve[rate] = self.at_rate(rate)
                advance(done := done + self.tables)
            without = {}
            for name, knot in WITHOUT.items():
                without[name] = self.without(knot)
                advance(done := done + self.tables)
        found = Findings(conditions, curve, without, self.dialogues, self.seed)
        page.write(self.out, found)
        return found

    def on_the_road(self) -> RoadFindings:
        """Measure the driving scenarios, and write their page."""
        from rlkit.agents.progress import bar

        with bar(ROAD_STEPS, "driving", shown=not self.json) as advance:
            steps = count(1)
            found = measure_road(self.drives, self.seed, lambda: advance(next(steps)))
        road_page.write(self.road_out, found)
        return found

    def conditions(self) -> Iterator[tuple[tuple[str, int], list[Dialogues]]]:
        """Yield the dialogues of every domain and condition, a list over tables."""
        for domain in DOMAINS:
            for number, (error_rate, masks, user) in enumerate(CONDITIONS, 1):
                settings = Settings(error_rate=error_rate, masks=masks, driver=DRIVERS[user])
                yield (domain, number), self._play(domain, settings, f"condition {number}")

    def at_rate(self, error_rate: float) -> list[Dialogues]:
        """Return the dialogues of the smallest domain at an error rate."""
        return self._play(SMALL, Settings(error_rate=error_rate), "curve")

    def without(self, knot: Knot) -> list[Dialogues]:
        """Return the dialogues at the highest error rate when the microphone tells less."""
        settings = Settings(error_rate=LOUDEST, knots=(NOISELESS, knot))
        return self._play(SMALL, settings, "curve")  # the same drivers and goals

    def _play(self, domain: str, settings: Settings, stream: str) -> list[Dialogues]:
        return [
            play(_tables(domain, seed, settings), self.dialogues, seed, stream)
            for seed in range(self.seed, self.seed + self.tables)
        ]


@cache
def _compiled(domain: str, seed: int) -> Tables:
    return compile_tables(find_domain(domain), Settings(confusion_seed=seed))


def _tables(domain: str, seed: int, settings: Settings) -> Tables:
    return with_settings(_compiled(domain, seed), settings)


if __name__ == "__main__":
    raise SystemExit(command(Calibrate))
