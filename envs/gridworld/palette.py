"""The colours of tiles, which pictures and pixel observations share."""

from rlkit.envs.gridworld import maps

Colour = tuple[int, int, int]

FREE: Colour = (27, 33, 43)
WALL: Colour = (66, 75, 92)
AGENT: Colour = (86, 170, 240)
KEY_COLOURS: tuple[Colour, ...] = (
    (238, 186, 74),
    (222, 121, 186),
    (120, 196, 235),
    (150, 205, 96),
    (240, 128, 96),
    (170, 150, 240),
)
"""Of the keys a ... f and their doors."""
PORTAL_COLOURS: tuple[Colour, ...] = (
    (158, 118, 232),
    (66, 190, 200),
    (232, 150, 70),
    (210, 100, 150),
    (130, 190, 90),
)
"""Of the portals 0 ... 4, then again of 5 ... 9."""
GROUNDS: dict[str, Colour] = {
    maps.WALL: WALL,
    maps.FREE: FREE,
    maps.START: (50, 82, 138),
    maps.GOAL: (34, 122, 84),
    maps.PIT: (132, 46, 50),
    maps.CLIFF: (92, 50, 30),
    maps.BONUS: (40, 74, 62),
    maps.PENALTY: (84, 48, 58),
    **dict.fromkeys(maps.ONE_WAY, (40, 50, 68)),
}
"""The ground of the tiles; that of keys and portals is as dark as a free cell."""


def mark_colour(glyph: str) -> Colour:
    """Return the colour of a key, a door or a portal."""
    if glyph in maps.PORTALS:
        return PORTAL_COLOURS[maps.PORTALS.index(glyph) % len(PORTAL_COLOURS)]
    return KEY_COLOURS[maps.KEYS.index(glyph.lower())]


def flat_colour(glyph: str) -> Colour:
    """Return the one colour that stands for a tile where there is no room for a picture."""
    return GROUNDS[glyph] if glyph in GROUNDS else mark_colour(glyph)
