"""What the tests of drawing share."""

from collections.abc import Iterator
from typing import Any

import pygame
import pytest

from rlkit.envs.view import kit
from tests.envs.view.writing import Written, forget


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Written]]:
    """Collect what is written, with the place of each line."""
    lines: list[Written] = []
    write = kit.text

    def watched(surface: pygame.Surface, words: str, place: Any, **how: Any) -> int:
        width = write(surface, words, place, **how)
        size, bold = how.get("size", kit.NORMAL), how.get("bold", False)
        left = place[0] - {"left": 0, "middle": width / 2, "right": width}[how.get("align", "left")]
        area = pygame.Rect(round(left), round(place[1]), width, kit.font(size, bold).get_height())
        lines.append(Written(surface, words, area, how.get("colour", kit.TEXT)))
        return width

    monkeypatch.setattr(kit, "text", watched)
    forget()
    yield lines
    forget()
