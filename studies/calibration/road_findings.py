"""What is measured on the road: policies against each other, scenarios, dialogues to a place."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from rlkit.arrays import Floats
from rlkit.statistics import Estimate, mean_interval
from studies.calibration import road_laws
from studies.calibration.findings import Claim
from studies.calibration.rides import (
    Choose,
    Rides,
    at_random,
    handcrafted,
    ride,
    scenario,
    to_a_place,
)
from studies.calibration.road_laws import ANCHORS

ROADS = ("motorway", "city", "mixed")
"""Recorded drives on which the policies are compared."""
SCENARIOS = {
    "Cabin": "mixed",
    "CabinCity": "city",
    "CabinMotorway": "motorway",
    "CabinParked": "parked",
}
FULL, BETTER = "handcrafted", "better microphone"
GOOD_MICROPHONE = 0.02
"""Error rate of the better microphone, whatever the noise."""
POLICIES: dict[str, Callable[[int], Choose]] = {
    FULL: lambda _: handcrafted(),
    "without wait": lambda _: handcrafted(waits=False),
    "without quiet": lambda _: handcrafted(quiets=False),
    "road-blind": lambda _: handcrafted(waits=False, quiets=False),
    "random legal": at_random,
    BETTER: lambda _: handcrafted(),
}
"""Who plays, given the seed; the last is the handcrafted policy with better ears."""
MEASURES = ("success", "reward", "seconds", "risk", "mood", "wrong", "unsafe", "refusals")
TOLERANCE = 5.0
"""How far an error rate may be from its anchor [points]."""
KVRET = {"turns": 3.3, "informed": 2.0, "requested": 1.1}
"""Exchanges, slots informed and slots requested of a navigation dialogue in the corpus."""


@dataclass(frozen=True)
class RoadFindings:
    """All that was played on the road; N dialogues of everything, the same drivers throughout."""

    policies: dict[tuple[str, str], Rides]
    """By road and policy."""
    scenarios: dict[str, Rides]
    """Of the handcrafted policy."""
    place: Rides
    """Dialogues to a place, as in KVRET."""
    dialogues: int
    seed: int

    def measured(self, road: str, policy: str, measure: str) -> Estimate:
        """Return a measure of a policy; success in percent."""
        return mean_interval(self._values(road, policy, measure))

    def change(self, road: str, policy: str, measure: str) -> Estimate:
        """Return by how much a policy exceeds the handcrafted one, paired by dialogue."""
        return mean_interval(
            self._values(road, policy, measure) - self._values(road, FULL, measure)
        )

    def verdicts(self) -> list[Claim]:
        """Return what the road claims, and whether it holds."""
        return [*self._hearing(), *self._ablations(), *self._kvret()]

    def as_json(self) -> dict[str, Any]:
        """Return the measures of every policy and the verdicts."""
        return {
            "policies": {
                f"{road}/{policy}": {
                    measure: self.measured(road, policy, measure).as_json() for measure in MEASURES
                }
                for road, policy in self.policies
            },
            "claims": {
                claim.text: {**claim.measured.as_json(), "holds": bool(claim.holds)}
                for claim in self.verdicts()
            },
        }

    def _values(self, road: str, policy: str, measure: str) -> Floats:
        values: Floats = getattr(self.policies[road, policy], measure)
        return 100.0 * values if measure == "success" else values

    def _hearing(self) -> Iterator[Claim]:
        for one in road_laws.hearing():
            if one.anchor is not None:
                yield _near(one.name, Estimate(*[100.0 * one.error] * 3), one.anchor)
        for name in ("CabinCity", "CabinMotorway"):
            found = mean_interval(100.0 * self.scenarios[name].error)
            yield _near(f"{name}, as drivers set the car", found, ANCHORS[SCENARIOS[name]])
        fall = road_laws.largest_fall()
        yield Claim(
            "noise never falls with speed, largest fall [dB(A)]", Estimate(*[fall] * 3), fall <= 0
        )

    def _ablations(self) -> Iterator[Claim]:
        for road in ROADS:
            risk = self.change(road, "without wait", "risk")
            yield Claim(f"{road}: without wait more seconds at risk", risk, risk.low > 0)
            lost = self.change(road, "road-blind", "reward")
            yield Claim(f"{road}: the road-blind policy loses reward", lost, lost.high < 0)
            ears = self.change(road, BETTER, "risk")
            text = f"{road}: a better microphone lowers the seconds at risk"
            yield Claim(text, ears, ears.high < 0)
        success = self.change("motorway", "without quiet", "success")
        yield Claim("motorway: without quiet less success", success, success.high < 0)
        seconds = self.change("motorway", "without quiet", "seconds")
        yield Claim("motorway: without quiet more seconds", seconds, seconds.low > 0)

    def _kvret(self) -> Iterator[Claim]:
        for name, corpus in KVRET.items():
            found = mean_interval(getattr(self.place, name))
            text = f"to a place: {NAMES[name]} within 25 % of {corpus}"
            yield Claim(text, found, abs(found.mean / corpus - 1.0) <= 0.25)


def _near(name: str, found: Estimate, anchor: float) -> Claim:
    text = f"{name}: error rate within {TOLERANCE:g} points of {100 * anchor:g} %"
    return Claim(text, found, abs(found.mean - 100 * anchor) <= TOLERANCE)


NAMES = {"turns": "exchanges", "informed": "slots informed", "requested": "slots requested"}


def measure_road(dialogues: int, seed: int, advance: Callable[[], None]) -> RoadFindings:
    """Play everything; `advance` is called after each of `ROAD_STEPS` parts."""
    policies = {}
    for road in ROADS:
        for policy, make in POLICIES.items():
            made = scenario(drive=road, ser=GOOD_MICROPHONE if policy == BETTER else None)
            policies[road, policy] = ride(made, dialogues, seed, make(seed))
            advance()
    scenarios = {}
    for name, road in SCENARIOS.items():
        known = policies.get((road, FULL))
        scenarios[name] = known or ride(scenario(drive=road), dialogues, seed, handcrafted())
        advance()
    place = ride(to_a_place(), dialogues, seed, handcrafted())
    advance()
    return RoadFindings(policies, scenarios, place, dialogues, seed)


ROAD_STEPS = len(ROADS) * len(POLICIES) + len(SCENARIOS) + 1
