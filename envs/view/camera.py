"""A camera behind a car: where points of the road fall on the picture."""

from dataclasses import dataclass

HORIZON = 0.40
"""Height of the horizon over that of the picture, from the top."""
FOCAL = 1.35
"""Focal length over the height of the picture."""
HEIGHT = 3.4
"""Of the camera over the road [m]."""
NEAR, FAR = 5.0, 220.0
"""The road is drawn between these distances from the camera [m]."""
EGO_AHEAD = 9.0
"""From the camera to the rear of the own car [m]."""
CAR_LENGTH = 4.4
"""Of every car [m]."""

Point = tuple[float, float]


@dataclass(frozen=True)
class Camera:
    """Looks along the road.

    Attributes:
        width: Of the picture [px].
        height: Of the picture [px].
        side: Where it stands, to the right of the middle of the own lane [m].
    """

    width: int
    height: int
    side: float = 0.0

    def scale(self, ahead: float) -> float:
        """Return the pixels per metre at a distance from the camera [m]."""
        return FOCAL * self.height / max(ahead, 0.5)

    def at(self, side: float, ahead: float, up: float = 0.0) -> Point:
        """Return where a point falls [px]: `side` right of the lane, `ahead`, `up` [m]."""
        scale = self.scale(ahead)
        x = self.width / 2 + (side - self.side) * scale
        return x, HORIZON * self.height + (HEIGHT - up) * scale

    def strip(self, left: float, right: float, begin: float, end: float) -> list[Point]:
        """Return the corners of a strip on the road, sides and distances in [m]."""
        begin, end = max(begin, NEAR), max(end, NEAR)
        return [
            self.at(left, begin),
            self.at(right, begin),
            self.at(right, end),
            self.at(left, end),
        ]
