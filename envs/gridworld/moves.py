"""The actions of gridworlds: what they are called, and which ways they may turn out."""

from rlkit.checks import in_unit_interval
from rlkit.names import unknown
from rlkit.rounding import on_grid

Way = tuple[int, int]
"""A step as (down, right), each -1, 0 or 1."""

STAY: Way = (0, 0)
FOUR: dict[str, Way] = {"up": (-1, 0), "right": (0, 1), "down": (1, 0), "left": (0, -1)}
KING: dict[str, Way] = {
    "up": (-1, 0),
    "up-right": (-1, 1),
    "right": (0, 1),
    "down-right": (1, 1),
    "down": (1, 0),
    "down-left": (1, -1),
    "left": (0, -1),
    "up-left": (-1, -1),
}
CIRCLES = {"four": FOUR, "king": KING}
"""Sets of moves, clockwise from up."""
WALK = "walk"
"""The set with one action, which goes left or right with equal odds."""


def action_odds(
    moves: str = "four", *, stay: bool = False, slip: float = 0.0, noise: float = 0.0
) -> dict[str, dict[Way, float]]:
    """Return the actions by name, each with the ways it may go and their probabilities.

    Args:
        moves: "four"; "king", with the diagonals; or "walk", a single action.
        stay: Whether there is an action more that stays.
        slip: Probability that a move goes to one of the two neighbouring directions, half each.
        noise: Probability that it goes in any direction but its own, each alike.

    Raises:
        ValueError: If `moves` is unknown, or probabilities leave [0, 1], alone or together.
    """
    leaving = in_unit_interval("slip", slip) + in_unit_interval("noise", noise)
    in_unit_interval("slip + noise", leaving)
    if moves == WALK:
        if slip or noise:
            raise ValueError("the walk is random as it is: leave out slip and noise")
        odds: dict[str, dict[Way, float]] = {WALK: {FOUR["left"]: 0.5, FOUR["right"]: 0.5}}
    elif moves in CIRCLES:
        circle = list(CIRCLES[moves].values())
        odds = {name: _around(circle, k, slip, noise) for k, name in enumerate(CIRCLES[moves])}
    else:
        raise ValueError(unknown("set of moves", moves, [*CIRCLES, WALK]))
    return odds | {"stay": {STAY: 1.0}} if stay else odds


def _around(circle: list[Way], k: int, slip: float, noise: float) -> dict[Way, float]:
    """Return the ways of direction k of a circle that have a positive probability, on the grid."""
    others = len(circle) - 1
    odds = {circle[k]: 1 - slip - noise}
    for turn in (1, -1):
        odds[circle[(k + turn) % len(circle)]] = slip / 2 + noise / others
    for turn in range(2, others):
        odds[circle[(k + turn) % len(circle)]] = noise / others
    probs = on_grid([max(odd, 0.0) for odd in odds.values()]).tolist()
    return {way: odd for way, odd in zip(odds, probs, strict=True) if odd > 0}


def headings(odds: dict[str, dict[Way, float]]) -> tuple[Way, ...]:
    """Return where each action points; one that goes several ways alike points nowhere."""
    return tuple((FOUR | KING).get(name, STAY) for name in odds)
