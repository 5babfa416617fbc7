"""Sutton and Barto, Example 4.2 and Figure 4.2: Jack's car rental."""

from typing import NamedTuple

import numpy as np
from scipy import stats

from rlkit.agents.planning import ModifiedPolicyIteration
from rlkit.arrays import Floats, Ints
from rlkit.model import TabularModel
from studies.reproductions import Finding, Reproduction
from studies.reproductions.pictures import lines, panels

MOST, MOVED = 20, 5
"""Cars at a place, and cars moved in a night, at most."""
PRICE, COST = 10.0, 2.0
CLEARLY = 1e-6
"""An action replaces another only if it is better by more."""


class Place(NamedTuple):
    """Mean numbers of requests and returns a day (Poisson)."""

    requests: float
    returns: float


PLACES = (Place(3, 3), Place(4, 2))


def day(place: Place) -> tuple[Floats, Floats]:
    """Return p(evening | morning) `(21, 21)` and the expected income `(21,)` of a place."""
    cars = np.arange(MOST + 1)
    odds = np.zeros((MOST + 1, MOST + 1))
    income = np.zeros(MOST + 1)
    for morning in cars:
        rented = stats.poisson.pmf(np.arange(morning + 1), place.requests)
        rented[-1] = stats.poisson.sf(morning - 1, place.requests)  # whoever comes after in vain
        income[morning] = PRICE * rented @ np.arange(morning + 1)
        for count, chance in enumerate(rented):
            left = morning - count
            back = stats.poisson.pmf(np.arange(MOST - left + 1), place.returns)
            back[-1] = stats.poisson.sf(MOST - left - 1, place.returns)  # no room for more
            odds[morning, left:] += chance * back
    return odds, income


def problem() -> TabularModel:
    """Return states (cars at 1, cars at 2) and actions -5 ... 5, cars moved from 1 to 2."""
    (one, income_one), (two, income_two) = map(day, PLACES)
    shape = (MOST + 1) ** 2, 2 * MOVED + 1
    P, R = np.zeros((*shape, shape[0])), np.zeros(shape)
    legal = np.zeros(shape, np.bool_)
    for s in range(shape[0]):
        here, there = divmod(s, MOST + 1)
        for a in range(shape[1]):
            moved = a - MOVED
            legal[s, a] = -there <= moved <= here
            if legal[s, a]:
                x, y = min(here - moved, MOST), min(there + moved, MOST)
                P[s, a] = np.outer(one[x], two[y]).ravel()
                R[s, a] = income_one[x] + income_two[y] - COST * abs(moved)
    return TabularModel(P, R, 0.9, legal=legal)


def policies(model: TabularModel) -> tuple[list[Ints], Floats]:
    """Return the policies of policy iteration from moving nothing on, and the last's values."""
    found = [np.full(model.num_states, MOVED)]
    while True:
        values = model.evaluate(found[-1])
        q = model.R + model.discount * (model.P @ values).reshape(model.R.shape)
        q[~model.legal] = -np.inf
        kept = q[np.arange(len(q)), found[-1]]
        better = q.max(axis=1) > kept + CLEARLY
        if not better.any():
            return found, values
        found.append(np.where(better, q.argmax(axis=1), found[-1]))


def reproduce() -> Reproduction:
    """Iterate policies as the book does, and solve by another planner."""
    model = problem()
    found, values = policies(model)
    optimum = ModifiedPolicyIteration(model).solve()
    findings = [
        Finding("policies until none is better, the first included", 5, len(found), 0),
        Finding("value without any car, elsewhere (digits cut)", 421, float(values[0]), 1),
        Finding("value of 20 and 20 cars, elsewhere (digits cut)", 636, float(values[-1]), 1),
        Finding("most cars moved from the first place", 5, int(found[-1].max()) - MOVED, 0),
        Finding("most cars moved from the second place", 4, MOVED - int(found[-1].min()), 0),
        Finding(
            "largest distance to modified policy iteration",
            0.0,
            float(np.abs(values - optimum.values).max()),
            1e-6,
        ),
    ]
    return Reproduction(
        title="Jack's car rental",
        source="Sutton and Barto, Example 4.2 and Figure 4.2",
        text="Policy iteration from *move nothing* on: cars moved over night from the first place "
        "to the second, by the cars at each, and what the last policy is worth. Discount .9.",
        findings=findings,
        figure=_draw(found, values),
    )


def _draw(found: list[Ints], values: Floats) -> object:
    figure, axes = panels(10, 6, 2, 3)
    side, style = MOST + 1, {"origin": "lower", "cmap": "RdBu_r", "vmin": -5, "vmax": 5}
    for k, (panel, policy) in enumerate(zip(axes, found, strict=False)):
        image = panel.imshow(policy.reshape(side, side) - MOVED, **style)
        lines(panel, "cars at the second", "cars at the first", f"policy {k}")
        panel.grid(visible=False)
    figure.colorbar(image, ax=axes[2], label="cars moved")
    surface = axes[-1].imshow(values.reshape(side, side), origin="lower")
    lines(axes[-1], "cars at the second", "cars at the first", f"value of policy {len(found) - 1}")
    axes[-1].grid(visible=False)
    figure.colorbar(surface, ax=axes[-1], label="value")
    return figure
