"""Speech bubbles: what was said, and below it what was heard and how surely."""

from functools import lru_cache

import pygame

from rlkit.envs.cabin.dashboard.scene import Utterance
from rlkit.envs.view import kit, shapes

WIDEST = 384
"""Of the words in a bubble [px]."""
PADDING = 13
LINE = 21
"""From one line to the next [px]."""
MOST_LINES = 3
"""More of one text ends in an ellipsis."""
METER = 48
"""Width of a bar of confidence [px]."""
NUMBER = 44
"""Room for a percentage [px]."""
SPARE = 32
"""Room for a check mark, and before the bar [px]."""
LEAST_HEARD = 230
"""Least width of a part with hypotheses [px]."""
MOST_HYPOTHESES = 3
LEAST_SILENCE = 0.05
"""A less probable silence is not written."""

OWN: kit.Colour = (30, 66, 112)
OTHER: kit.Colour = (46, 55, 71)
INSET: kit.Colour = (27, 33, 44)


@lru_cache(maxsize=128)
def bubble(line: Utterance, hypotheses: int = MOST_HYPOTHESES) -> pygame.Surface:
    """Return the bubble of one line with at most so many hypotheses."""
    said = _said(line)
    rows = [_heard_lines(line, rank) for rank in range(min(len(line.heard), hypotheses))]
    inner = max([kit.width_of(words) for words in said] + [30])
    if rows or line.silence >= LEAST_SILENCE:
        wide = [kit.width_of(words) for lines in rows for words in lines]
        inner = max([inner, LEAST_HEARD] + [width + METER + NUMBER + SPARE for width in wide])
    upper = 2 * PADDING + LINE * len(said) - 6 if said else 0
    lower = _lower_height(line, rows)
    size = (inner + 2 * PADDING, upper + lower)
    image = pygame.Surface(size, pygame.SRCALPHA)
    fill = OWN if line.speaker == "car" else OTHER
    image.blit(shapes.rounded(size, 13, fill), (0, 0))
    for k, words in enumerate(said):
        colour = kit.TEXT if line.said else kit.MUTED
        kit.text(image, words, (PADDING, PADDING - 4 + LINE * k), colour=colour)
    if lower:
        _heard(image, pygame.Rect(0, upper, size[0], lower), line, rows)
    return image


def _said(line: Utterance) -> list[str]:
    """Return what is written in the upper part, by lines; nothing if nobody knows it."""
    if line.said is None:
        return []
    return kit.wrapped(line.said, WIDEST, most=MOST_LINES) or ["(says nothing)"]


def _heard_lines(line: Utterance, rank: int) -> list[str]:
    """Return a hypothesis by lines: two for the best one, one for the others."""
    width = WIDEST - METER - NUMBER - SPARE
    return kit.wrapped(line.heard[rank].words, width, most=1 if rank else 2) or ["(nothing)"]


def _lower_height(line: Utterance, rows: list[list[str]]) -> int:
    if not rows and line.silence < LEAST_SILENCE:
        return 0
    return 36 + LINE * sum(map(len, rows))


def _heard(
    image: pygame.Surface, area: pygame.Rect, line: Utterance, rows: list[list[str]]
) -> None:
    """Draw the lower part: a heading that tells a mishearing, and a row a hypothesis."""
    top = area.y or 3
    inset = pygame.Rect(3, top, area.width - 6, area.bottom - top - 3)
    image.blit(shapes.rounded(inset.size, 11, INSET, kit.RED if line.wrong else None), inset)
    y = area.y + 7
    if line.wrong:
        image.blit(shapes.icon("cross", 13, kit.RED), (PADDING, y + 3))
        words = "not heard" if line.missed else "misheard"
        kit.text(image, words, (PADDING + 19, y), size=kit.SMALL, colour=kit.RED, bold=True)
    else:
        kit.text(image, "heard", (PADDING, y), size=kit.SMALL, colour=kit.MUTED)
    right = area.right - PADDING
    if line.silence >= LEAST_SILENCE:
        words = f"silence {line.silence:.0%}"
        kit.text(image, words, (right, y), size=kit.SMALL, colour=kit.MUTED, align="right")
    y += 22
    for rank, lines in enumerate(rows):
        _hypothesis(image, line, rank, lines, pygame.Rect(PADDING, y, right - PADDING, LINE))
        y += LINE * len(lines)


def _hypothesis(
    image: pygame.Surface, line: Utterance, rank: int, lines: list[str], row: pygame.Rect
) -> None:
    """Draw the words of a hypothesis, a check if they are what was said, and the confidence."""
    best = rank == 0 and not line.missed
    colour = kit.MUTED if not best else kit.AMBER if line.wrong else kit.TEXT
    x = row.x
    if line.matches(rank):
        image.blit(shapes.icon("check", 13, kit.GREEN), (x, row.y + 4))
        x += 19
    for k, words in enumerate(lines):
        kit.text(image, words, (x, row.y + LINE * k), colour=colour)
    confidence = line.heard[rank].confidence
    words = f"{confidence:.0%}"
    kit.text(image, words, row.topright, size=kit.SMALL, colour=colour, align="right")
    meter = pygame.Rect(row.right - NUMBER - METER, row.y + 8, METER, 6)
    shapes.bar(image, meter, confidence, kit.AMBER if line.wrong and best else kit.BLUE)
