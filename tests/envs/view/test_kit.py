"""The drawing kit: words that fit, colours, bars and pixels."""

from collections.abc import Callable

import pygame
import pytest

from rlkit.envs.view import kit, shapes


def test_pixels_are_rows_of_red_green_blue() -> None:
    surface = pygame.Surface((5, 3))
    surface.fill((10, 20, 30))
    surface.set_at((4, 1), (200, 100, 50))
    frame = kit.pixels(surface)
    assert frame.shape == (3, 5, 3)
    assert frame[1, 4].tolist() == [200, 100, 50]
    assert frame[0, 0].tolist() == [10, 20, 30]
    assert (frame.reshape(-1, 3) == [200, 100, 50]).all(axis=1).sum() == 1


@pytest.mark.parametrize(
    "words", ["short", "a sentence of several words", "x" * 400, "", "wi " * 99]
)
@pytest.mark.parametrize("width", [60, 200])
def test_words_fit_the_width_and_nothing_is_lost_without_an_ellipsis(
    words: str, width: int
) -> None:
    cut = kit.fitted(words, width)
    assert kit.width_of(cut) <= width
    assert cut == words or cut.endswith(kit.ELLIPSIS)
    lines = kit.wrapped(words, width)
    assert all(kit.width_of(line) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == words.replace(" ", "")
    few = kit.wrapped(words, width, most=2)
    assert len(few) <= 2
    assert all(kit.width_of(line) <= width for line in few)
    assert few == lines or few[-1].endswith(kit.ELLIPSIS)


def test_the_fonts_have_every_sign_that_is_drawn() -> None:
    for bold in (False, True):
        for mark in kit.ELLIPSIS + kit.MINUS + "äöüßéñ°%":
            assert kit.font(kit.NORMAL, bold).metrics(mark)[0] is not None


def test_without_matplotlib_pygames_own_font_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    kit._font_file.cache_clear()
    kit._font.cache_clear()
    try:
        assert kit._font_file("DejaVuSans.ttf") is None
        assert kit.width_of("words") > 10
    finally:
        monkeypatch.undo()
        kit._font_file.cache_clear()
        kit._font.cache_clear()


def quit_and_begin() -> None:
    """Do what somebody does who closes one picture and opens another."""
    pygame.font.quit()
    pygame.font.init()


@pytest.mark.parametrize(
    "leave", [pygame.quit, pygame.font.quit, pygame.display.quit, quit_and_begin]
)
def test_words_are_written_as_before_after_somebody_has_quit_pygame(
    leave: Callable[[], object],
) -> None:
    def drawn() -> bytes:
        surface = pygame.Surface((200, 40))
        kit.text(surface, "words", (0, 0))
        kit.text(surface, kit.fitted("new words that are too long", 90), (100, 0), bold=True)
        return kit.pixels(surface).tobytes()

    before = drawn()
    for _ in range(2):
        leave()
        kit._written.cache_clear()
        assert drawn() == before


def test_signed_numbers_have_a_true_minus_and_no_negative_zero() -> None:
    assert kit.signed(1.0) == "+1.00"
    assert kit.signed(-1.5) == "\N{MINUS SIGN}1.50"
    assert kit.signed(-0.001) == "+0.00"
    assert kit.signed(-10.0) == "\N{MINUS SIGN}10.00"


def test_a_bar_is_filled_to_its_share() -> None:
    for share, columns in ((0.0, 0), (0.5, 50), (1.0, 100), (7.0, 100), (-1.0, 0)):
        surface = pygame.Surface((100, 10))
        shapes.bar(surface, pygame.Rect(0, 0, 100, 10), share, (255, 0, 0))
        filled = int((kit.pixels(surface)[5, :, 0] > 200).sum())
        assert abs(filled - columns) <= 1


def test_a_dial_fills_clockwise_from_the_lower_left() -> None:
    half = pygame.surfarray.array_red(shapes.dial(100, 0.5, (255, 0, 0)))
    assert (half[:50] > 200).sum() > 300
    assert (half[55:] > 200).sum() == 0
    full = pygame.surfarray.array_red(shapes.dial(100, 1.0, (255, 0, 0)))
    assert (full > 200).sum() == pytest.approx(2 * (half > 200).sum(), rel=0.1)


def test_gradients_and_colours_meet_their_ends() -> None:
    frame = kit.pixels(kit.gradient((2, 9), [(0, 0, 0), (80, 160, 240)]))
    assert frame[0, 0].tolist() == [0, 0, 0]
    assert frame[4, 0].tolist() == [40, 80, 120]
    assert frame[8, 1].tolist() == [80, 160, 240]
    assert kit.alarm(0.0) == kit.GREEN
    assert kit.alarm(0.5) == kit.AMBER
    assert kit.alarm(1.0) == kit.alarm(3.0) == kit.RED


def test_stacked_shares_stand_one_behind_the_other() -> None:
    surface = pygame.Surface((100, 10))
    parts = ((0.5, (255, 0, 0)), (0.2, (0, 255, 0)), (0.0, (0, 0, 255)))
    shapes.stacked_bar(surface, pygame.Rect(0, 0, 100, 10), parts)
    row = kit.pixels(surface)[5]
    assert abs(int((row[:, 0] > 200).sum()) - 50) <= 1
    assert abs(int((row[:, 1] > 200).sum()) - 20) <= 2
    assert row[20].tolist() == [255, 0, 0]
    assert row[60].tolist() == [0, 255, 0]
    assert row[80].tolist() == list(kit.EDGE)


def test_huge_numbers_are_short() -> None:
    assert kit.signed(-12_345_678.9) == "\N{MINUS SIGN}1.2e+07"
    assert kit.signed(99_999.0) == "+99999.00"
