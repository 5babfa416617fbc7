"""What is laid over a gridworld: values and visits as heat, Q as wedges, policies as arrows."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
import pygame

from rlkit.arrays import Floats, Ints
from rlkit.envs.gridworld import palette
from rlkit.envs.gridworld.moves import STAY, Way
from rlkit.envs.gridworld.tiles import FINE, SHOW_MARKS, SHOW_WORDS, blocks, gap, letters, lift
from rlkit.envs.view import kit

NEGATIVE, POSITIVE, COUNTED = (206, 84, 66), (56, 164, 172), (214, 152, 58)
"""Ends of the scales of values and of visits; 0 is as dark as a free cell."""
DIM = kit.blend(kit.MUTED, kit.TEXT, 0.45)
"""Of the numbers of actions that are not the best."""
STAY_RADIUS = 0.22
"""Of the disc of the action that stays, in sides of a cell."""
LEAST_ODDS = 0.02
"""Less probable actions get no arrow."""
SHOW_Q_NUMBERS = 108
"""Cells at least so large [px] show the numbers of Q, of at most so many actions."""
MOST_Q_NUMBERS = 5

Cell = tuple[int, int]


@dataclass(frozen=True)
class Scale:
    """How numbers become colours.

    Attributes:
        name: What the numbers are.
        low: The smallest number that is shown.
        high: The largest.
        full: The number, by size, that has the full colour; so have those beyond it.
        counts: Whether the numbers are counts, whose colours go by log(1 + n).
    """

    name: str
    low: float
    high: float
    full: float
    counts: bool = False

    @classmethod
    def of(cls, table: Floats, name: str, *, counts: bool = False) -> "Scale":
        """Return the scale of the numbers `(rows, columns, A)`, of which some are finite.

        The best of each cell fit in it: what is much worse would leave no colours to the others.
        """
        finite = table[np.isfinite(table).all(axis=-1)]
        full = np.abs(finite.max(axis=-1)).max() or np.abs(finite).max() or 1.0
        return cls(name, float(finite.min()), float(finite.max()), float(full), counts)

    def share(self, table: Floats) -> Floats:
        """Return numbers as shares of the full colour, in [-1, 1]; NaN counts as 0."""
        known = np.nan_to_num(table, nan=0.0)
        if self.counts:
            return np.asarray(np.log1p(known) / np.log1p(self.full))
        return np.asarray(known / self.full).clip(-1, 1)

    def colours(self, table: Floats) -> Floats:
        """Return the colours `(..., 3)` of numbers."""
        share = self.share(table)[..., None]
        top = COUNTED if self.counts else POSITIVE
        ends = np.where(share < 0, NEGATIVE, top).astype(np.float64)
        return np.asarray(np.array(palette.FREE) + (ends - palette.FREE) * np.abs(share))

    def words(self, value: float, width: int, size: int) -> str:
        """Return a number with as many digits as fit into `width` [px], at most three, or ""."""
        whole = self.counts or (value == round(value) and abs(value) >= 10)
        forms = (",.0f", ".0e") if whole or abs(value) >= 100 else (".2f", ".1f", ".0f")
        for form in forms:
            words = format(value, form).replace("-", kit.MINUS).replace("e+0", "e")
            if kit.width_of(words, size) <= width:
                return words
        return ""


def heat(picture: pygame.Surface, table: Floats, scale: Scale, size: int) -> None:
    """Colour each cell that has a number, and write the number where there is room."""
    coloured = blocks(scale.colours(table), size)
    for i, k in np.argwhere(np.isfinite(table)):
        area = pygame.Rect(int(k) * size, int(i) * size, size, size)
        picture.blit(coloured, area, area)
        if size >= SHOW_WORDS:
            high = letters(size)
            words = scale.words(float(table[i, k]), size - 10, high)
            place = (area.right - 7, area.bottom - high - 8)
            kit.text(picture, words, place, size=high, align="right")


def wedges(
    picture: pygame.Surface, q: Floats, scale: Scale, headings: Sequence[Way], size: int
) -> None:
    """Divide each cell that has values into a wedge for each action, which points where it goes."""
    regions = _regions(tuple(headings), size)
    there = np.argwhere(np.isfinite(q).all(axis=-1))
    colours = np.rint(scale.colours(q)).astype(np.uint8)
    line = gap(size)
    for i, k in there:
        surface = pygame.surfarray.make_surface(colours[i, k][regions].transpose(1, 0, 2))
        if size >= SHOW_WORDS:
            surface.blit(_dividers(tuple(headings), len(regions)), (0, 0))
        picture.blit(surface, (int(k) * size + line, int(i) * size + line))
    if size >= SHOW_Q_NUMBERS and len(headings) <= MOST_Q_NUMBERS:
        for i, k in there:
            _q_numbers(picture, q[i, k], scale, headings, (int(i), int(k)), size)


@lru_cache(maxsize=16)
def _regions(headings: tuple[Way, ...], size: int) -> Ints:
    """Return which action each pixel within the lines of a cell belongs to, `(N, N)`."""
    side = size - gap(size)
    across = np.arange(side) - (side - 1) / 2
    down, right = np.meshgrid(across, across, indexing="ij")
    far = np.maximum(np.hypot(down, right), 1e-9)
    # The action that points the nearest: the cosine of the angle between pixel and heading.
    cosines = [
        np.full(down.shape, -2.0)
        if way == STAY
        else (down * way[0] + right * way[1]) / (far * math.hypot(*way))
        for way in headings
    ]
    regions = np.argmax(cosines, axis=0)
    if STAY in headings:
        regions[far <= STAY_RADIUS * side] = headings.index(STAY)
    return np.asarray(regions)


@lru_cache(maxsize=16)
def _dividers(headings: tuple[Way, ...], side: int) -> pygame.Surface:
    """Return the lines between the wedges on a clear ground."""
    n, colour = side * FINE, (*kit.BACKGROUND, 210)
    image = pygame.Surface((n, n), pygame.SRCALPHA)
    image.fill((*kit.BACKGROUND, 0))
    turns = sorted(math.atan2(*way) for way in headings if way != STAY)
    for turn, after in pairwise([*turns, *(turn + math.tau for turn in turns[:1])]):
        middle = (turn + after) / 2
        end = n * (0.5 + math.cos(middle)), n * (0.5 + math.sin(middle))
        if len(turns) > 1:
            pygame.draw.line(image, colour, (n / 2, n / 2), end, FINE)
    if STAY in headings:
        pygame.draw.circle(image, (*kit.BACKGROUND, 0), (n / 2, n / 2), STAY_RADIUS * n)
        pygame.draw.circle(image, colour, (n / 2, n / 2), STAY_RADIUS * n, width=FINE)
    return pygame.transform.smoothscale(image, (side, side))


def _q_numbers(
    picture: pygame.Surface,
    q: Floats,
    scale: Scale,
    headings: Sequence[Way],
    cell: Cell,
    size: int,
) -> None:
    """Write each action's value into its wedge, the best of them bright."""
    high = kit.SMALL
    for value, (down, right) in zip(q, headings, strict=True):
        best = value >= q.max() - 1e-9
        words = scale.words(float(value), round(size * 0.36), high)
        x = (cell[1] + 0.5 + 0.30 * right) * size
        y = (cell[0] + 0.5 + 0.34 * down) * size - high * 0.6
        colour = kit.TEXT if best else DIM
        kit.text(picture, words, (x, y), size=high, bold=best, colour=colour, align="middle")


def arrows(
    picture: pygame.Surface,
    cells: Mapping[Cell, Floats],
    headings: Sequence[Way],
    size: int,
    *,
    over_heat: bool,
) -> None:
    """Draw an arrow for each action in the cells, the longer the more probable it is.

    Args:
        picture: Where to draw.
        cells: The probabilities `(A,)` of the actions in each cell.
        headings: Where each action points; a dot stands for one that points nowhere.
        size: Of a cell [px]; on small ones there are no arrows.
        over_heat: Whether there are numbers that need room.
    """
    if size < SHOW_MARKS:
        return
    up = lift(size) if over_heat else 0
    for (i, k), odds in cells.items():
        for way, odd in zip(headings, odds, strict=True):
            if odd >= LEAST_ODDS:
                arrow = _arrow(size, way, round(float(min(odd, 1.0)), 2))
                picture.blit(arrow, (k * size, i * size - up))


@lru_cache(maxsize=512)
def _arrow(size: int, way: Way, odd: float) -> pygame.Surface:
    """Return an arrow in a cell: a sure one through the middle, others from the middle outwards."""
    n = size * FINE
    image = pygame.Surface((n, n), pygame.SRCALPHA)
    image.fill((*kit.TEXT, 0))
    if way == STAY:
        pygame.draw.circle(image, kit.TEXT, (n / 2, n / 2), n * (0.03 + 0.05 * odd))
        return pygame.transform.smoothscale(image, (size, size))
    length = math.hypot(*way)
    y, x = way[0] / length, way[1] / length
    sure = odd > 0.995
    tail, tip = (-0.22, 0.24) if sure else (0.045, 0.10 + 0.28 * odd)
    head = 0.10 if sure else 0.04 + 0.06 * odd
    neck = tip - head

    def at(along: float, across: float) -> tuple[float, float]:
        return (n * (0.5 + x * along - y * across), n * (0.5 + y * along + x * across))

    half = 0.020
    shaft = [at(tail, half), at(neck, half), at(neck, -half), at(tail, -half)]
    pygame.draw.polygon(image, kit.TEXT, shaft)
    pygame.draw.polygon(image, kit.TEXT, [at(tip, 0), at(neck, 0.8 * head), at(neck, -0.8 * head)])
    return pygame.transform.smoothscale(image, (size, size))
