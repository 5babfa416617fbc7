"""Speech bubbles: what was said, and beside it what was heard and how surely."""

from functools import lru_cache

import pygame

from rlkit.envs.view import kit, shapes

WIDEST = 300
"""Of the words in a bubble [px]."""
PADDING = 14
LINE = 21
"""From one line to the next [px]."""
MOST_LINES = 4
"""More of one text ends in an ellipsis."""
METER = 110
"""Width of the bar of confidence [px]."""

OWN: kit.Colour = (32, 62, 106)
OTHER: kit.Colour = (42, 50, 64)
HEARD: kit.Colour = (29, 35, 46)


@lru_cache(maxsize=128)
def bubble(
    speaker: str,
    said: str | None,
    heard: str | None = None,
    confidence: float | None = None,
    *,
    misheard: bool = False,
) -> pygame.Surface:
    """Return one bubble.

    Args:
        speaker: "car" for the car's own words; anything else is the driver.
        said: What was said; None where nobody but the driver knows.
        heard: What the microphone made of it; None leaves that part out.
        confidence: Of what was heard, in [0, 1]; None leaves its bar out.
        misheard: Whether what was heard is shown as wrong, in amber.
    """
    top = kit.wrapped(said, WIDEST, most=MOST_LINES) if said is not None else []
    below = kit.wrapped(heard, WIDEST, most=MOST_LINES) if heard is not None else []
    with_heard = heard is not None or confidence is not None
    head = 26 if with_heard else 0
    inner = max([kit.width_of(line) for line in (*top, *below)] + [0])
    inner = max(inner, 230 if with_heard else 30)
    upper = PADDING * 2 + LINE * len(top) - 5 if top else 0
    lower = PADDING * 2 + head + LINE * len(below) - 8 if with_heard else 0
    size = (inner + 2 * PADDING, max(upper + lower, 2 * PADDING))
    image = pygame.Surface(size, pygame.SRCALPHA)
    fill = OWN if speaker == "car" else OTHER
    if said is None:
        image.blit(shapes.rounded(size, 14, HEARD, OTHER), (0, 0))
    else:
        image.blit(shapes.rounded(size, 14, fill), (0, 0))
    for k, line in enumerate(top):
        kit.text(image, line, (PADDING, PADDING - 4 + LINE * k))
    if with_heard:
        area = pygame.Rect(0, upper, size[0], lower)
        _heard(image, area, below, confidence, misheard)
    return image


def _heard(
    image: pygame.Surface,
    area: pygame.Rect,
    lines: list[str],
    confidence: float | None,
    misheard: bool,
) -> None:
    """Draw the lower part: what was heard, and how surely."""
    if area.y > 0:
        inset = pygame.Rect(area.x + 4, area.y, area.width - 8, area.height - 4)
        image.blit(shapes.rounded(inset.size, 11, HEARD), inset)
    y = area.y + 9
    kit.text(image, "heard", (PADDING, y), size=kit.SMALL, colour=kit.MUTED)
    if confidence is not None:
        right = area.right - PADDING
        words = f"{confidence:.0%}"
        kit.text(image, words, (right, y), size=kit.SMALL, align="right")
        meter = pygame.Rect(0, y + 6, METER, 8)
        meter.right = right - 48
        shapes.bar(image, meter, confidence, kit.alarm(1 - confidence))
    for k, line in enumerate(lines):
        place = (PADDING, y + 23 + LINE * k)
        kit.text(image, line, place, colour=kit.AMBER if misheard else kit.TEXT)
