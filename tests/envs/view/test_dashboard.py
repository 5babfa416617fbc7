"""The dashboard: what must show shows, nothing else does, and nothing is touched."""

import itertools
import math
import random
import subprocess
import sys
from dataclasses import replace
from typing import Any

import numpy as np
import pygame
import pytest
from numpy.typing import NDArray

from rlkit.envs.cabin import dashboard
from rlkit.envs.cabin.dashboard import draw, road_of
from rlkit.envs.cabin.scene import Belief, Utterance, describe, frames
from rlkit.envs.view import kit
from tests.envs.view.scenes import scene_of

PANELS = {
    "road": dashboard.ROAD,
    "belief": dashboard.BELIEF,
    "gauges": dashboard.GAUGES,
    "talk": dashboard.TALK,
    "reward": dashboard.REWARD,
}
BELIEFS = scene_of().beliefs
TALK = scene_of().conversation

CHANGES: list[tuple[dict[str, Any], set[str]]] = [
    ({"motorway": False}, {"road"}),
    ({"phase": "following"}, {"road"}),
    ({"phase": "manoeuvre"}, {"road"}),
    ({"clock": 12.5}, {"road"}),
    ({"speed": 20.0}, {"road"}),
    ({"gap": 8.0}, {"road"}),
    ({"gap": math.inf}, {"road"}),
    ({"travelled": 3.0}, {"road"}),
    ({"phase_before": "manoeuvre", "progress": 0.1}, {"road"}),
    ({"outcome": "success", "success": True}, {"road"}),
    ({"window_open": True}, {"gauges"}),
    ({"noise": 76.0}, {"gauges"}),
    ({"error_rate": 0.35}, {"gauges"}),
    ({"demand": 0.8}, {"gauges"}),
    ({"load_high": True}, {"gauges"}),
    ({"load": 0.7}, {"gauges"}),
    ({"patience": (1, 3)}, {"gauges"}),
    ({"patience": (2, 5)}, {"gauges"}),
    ({"patience": (2, 9)}, {"gauges"}),
    ({"risk": 1.3}, {"gauges"}),
    ({"last_risk": 0.2}, {"gauges"}),
    ({"beliefs": BELIEFS[:1]}, {"belief"}),
    ({"beliefs": ()}, {"belief"}),
    ({"beliefs": (replace(BELIEFS[0], right=0.5), BELIEFS[1])}, {"belief"}),
    ({"beliefs": (replace(BELIEFS[0], value="heard"), BELIEFS[1])}, {"belief"}),
    ({"beliefs": (replace(BELIEFS[0], confirmed=True), BELIEFS[1])}, {"belief"}),
    ({"beliefs": (replace(BELIEFS[0], guarded=True), BELIEFS[1])}, {"belief"}),
    ({"beliefs": BELIEFS * 3}, {"belief"}),
    ({"conversation": ()}, {"talk"}),
    ({"conversation": TALK[:1]}, {"talk"}),
    ({"conversation": (TALK[0], replace(TALK[1], said="Close it"))}, {"talk"}),
    ({"conversation": (TALK[0], replace(TALK[1], heard="close it"))}, {"talk"}),
    ({"conversation": (TALK[0], replace(TALK[1], confidence=0.8))}, {"talk"}),
    ({"conversation": (TALK[0], replace(TALK[1], misheard=False))}, {"talk"}),
    ({"conversation": (TALK[0], replace(TALK[1], said=None))}, {"talk"}),
    ({"act": "execute"}, {"reward"}),
    ({"terms": {"time": -1.0, "risk": 0.3}}, {"reward"}),
    ({"terms": {}}, {"reward"}),
    ({"total": 5.0}, {"reward"}),
]


def crop(frame: NDArray[np.uint8], area: pygame.Rect) -> NDArray[np.uint8]:
    return frame[area.top : area.bottom, area.left : area.right]


def test_a_frame_is_720_high_and_1280_wide_and_the_caller_may_write_on_it() -> None:
    frame = draw(scene_of())
    assert frame.shape == (720, 1280, 3)
    assert frame.dtype == np.uint8
    assert frame.flags.c_contiguous
    frame[:] = 0
    assert draw(scene_of()).any()


@pytest.mark.parametrize(("change", "panels"), CHANGES, ids=lambda x: str(x)[:60])
def test_each_field_shows_in_its_panel_and_nowhere_else(
    change: dict[str, Any], panels: set[str]
) -> None:
    plain, changed = draw(scene_of()), draw(scene_of(**change))
    differ = {
        name
        for name, area in PANELS.items()
        if not np.array_equal(crop(plain, area), crop(changed, area))
    }
    assert differ == panels


def test_drawing_depends_on_the_scene_alone() -> None:
    first = draw(scene_of(phase="manoeuvre"))
    draw(scene_of(motorway=False, clock=99.0, outcome="unsafe command"))
    assert np.array_equal(first, draw(scene_of(phase="manoeuvre")))


def test_success_is_green_and_failure_is_red() -> None:
    plain = draw(scene_of()).astype(int)
    for success, strong, weak in ((True, 1, 0), (False, 0, 1)):
        shown = draw(scene_of(outcome="over", success=success)).astype(int)
        colour = shown[(shown != plain).any(axis=-1)].mean(axis=0)
        assert colour[strong] > colour[weak] + 20


def test_a_longer_reward_has_a_longer_bar_on_its_own_side() -> None:
    def green(value: float) -> tuple[int, int]:
        part = crop(draw(scene_of(terms={"success": value})), dashboard.REWARD).astype(int)
        strong, other = (1, 0) if value > 0 else (0, 1)
        columns = np.nonzero((part[..., strong] > part[..., other] + 80).any(axis=0))[0]
        return int(columns.min()), int(columns.max())

    small, large, negative = green(2.0), green(20.0), green(-20.0)
    assert small[0] == large[0]
    assert large[1] > small[1] + 40
    assert negative[1] <= small[0]


def test_drawing_touches_no_random_state() -> None:
    np.random.seed(7)  # noqa: NPY002 - the global state is what must not change
    random.seed(7)
    expected = np.random.random(), random.random()  # noqa: NPY002, S311
    np.random.seed(7)  # noqa: NPY002
    random.seed(7)
    draw(scene_of(clock=3.21))
    assert (np.random.random(), random.random()) == expected  # noqa: NPY002, S311


def test_it_draws_without_a_screen_and_starts_no_sound() -> None:
    code = (
        "import sys, os\n"
        "for name in ('DISPLAY', 'WAYLAND_DISPLAY', 'SDL_VIDEODRIVER'): os.environ.pop(name, 0)\n"
        "import rlkit.envs, rlkit.envs.cabin.scene\n"
        "assert 'pygame' not in sys.modules and 'matplotlib' not in sys.modules\n"
        "from tests.envs.view.scenes import scene_of\n"
        "from rlkit.envs.cabin.dashboard import draw\n"
        "assert draw(scene_of()).any()\n"
        "import pygame\n"
        "assert not pygame.display.get_init() and pygame.mixer.get_init() is None\n"
        "assert 'matplotlib' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_words_of_any_kind_and_length_are_drawn() -> None:
    odd = (
        "",
        " ",
        "x" * 5_000,
        "a\nb\tc\x00d",
        "\ud800",
        "\N{GRINNING FACE} ähm, 23 °C",
        "w " * 999,
    )
    for words in odd:
        scene = scene_of(
            act=words,
            outcome=words,
            terms={words: -1.0},
            beliefs=(Belief(words, words, 0.4, guarded=True),) * 9,
            conversation=(Utterance("driver", words, words, 0.5), Utterance("car", words)),
        )
        assert draw(scene).shape == (720, 1280, 3)
        assert draw(replace(scene, beliefs=scene.beliefs[:2])).shape == (720, 1280, 3)


def test_no_panel_runs_over_its_edge() -> None:
    crowded = draw(
        scene_of(
            beliefs=tuple(Belief(f"slot number {k}", "value " * 9, 0.5) for k in range(20)),
            conversation=tuple(Utterance("driver", "word " * 90, "word " * 90, 0.5) for _ in "abc"),
            terms={f"term number {k}": -20.0 for k in range(20)},
            act="act " * 60,
        )
    )
    outside = np.ones((720, 1280), dtype=bool)
    for area in PANELS.values():
        outside[area.top : area.bottom, area.left : area.right] = False
    assert (crowded[outside] == kit.BACKGROUND).all()


@pytest.mark.parametrize("before", ["keep", "following", "manoeuvre"])
@pytest.mark.parametrize("after", ["keep", "following", "manoeuvre"])
def test_the_cars_never_jump(before: str, after: str) -> None:
    first, then = scene_of(phase=before, clock=3.0), scene_of(phase=after, clock=5.0)
    last = scene_of(phase="keep", clock=7.0)
    moments = [first, *frames(first, then, 2.0), *frames(then, last, 2.0)]
    assert len(moments) == 121
    roads = [road_of(moment) for moment in moments]
    for old, new in itertools.pairwise(roads):
        assert abs(new.lateral - old.lateral) < 0.06
        assert abs(new.gap - old.gap) < 1.5
        assert new.travelled - old.travelled == pytest.approx(33.3 / 30, rel=1e-6)


def test_frames_go_from_one_scene_to_the_next() -> None:
    before = scene_of(clock=2.0, speed=20.0, gap=30.0, travelled=50.0)
    now = scene_of(clock=4.0, speed=10.0, gap=math.inf, travelled=80.0, phase="following")
    shown = list(frames(before, now, 1.0, fps=10))
    assert len(shown) == 10
    assert shown[4].clock == pytest.approx(3.0)
    assert shown[4].speed == pytest.approx(15.0)
    assert shown[4].travelled == pytest.approx(65.0)
    assert shown[4].gap == math.inf
    assert replace(shown[-1], phase_before=None) == now
    assert len(list(frames(before, now, 0.0))) == 1


def test_a_manoeuvre_signals_left_and_goes_left() -> None:
    roads = [road_of(scene_of(phase="manoeuvre", clock=k / 10)) for k in range(80)]
    assert max(road.lateral for road in roads) == pytest.approx(1.0)
    assert {road.signal for road in roads} == {"", "left", "right"}
    rising = [a.signal for a, b in itertools.pairwise(roads) if b.lateral > a.lateral + 0.01]
    assert "left" in rising
    assert "right" not in rising


def test_the_text_says_what_was_said_heard_believed_and_paid() -> None:
    words = describe(
        scene_of(
            beliefs=(Belief("what", "confirmed", 1.0, confirmed=True, guarded=True),),
            outcome="unsafe command",
            last_risk=0.25,
            load=0.5,
            window_open=True,
        )
    )
    for part in (
        "motorway, keep",
        "window open",
        "65 dB(A)",
        "error rate 18%",
        "load low (0.50)",
        "patience 2/3",
        "risk 1.20 s (+0.25 s)",
        "what: confirmed (P(right) 1.00, confirmed, guarded)",
        'car: "What can I do for you?"',
        'driver: "Open the sunroof" heard as "open the tailgate" (0.41)',
        "request what: reward -1.30 (time -1.00, risk -0.30); total -1.30",
        "== unsafe command ==",
    ):
        assert part in words


def test_misheard_compares_words_not_letters() -> None:
    assert not Utterance("driver", "No, moderate!", "no moderate", 0.8).wrong
    assert Utterance("driver", "no, moderate", "no, expensive", 0.8).wrong
    assert Utterance("driver", "same", "same", 0.8, misheard=True).wrong
    assert not Utterance("driver", None, "a value", 0.8).wrong


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"phase": "parked"}, "phase must be one of"),
        ({"phase_before": "parked"}, "phase_before must be one of"),
        ({"error_rate": 1.2}, "error_rate must be in"),
        ({"load": math.nan}, "load must be in"),
        ({"progress": -0.1}, "progress must be in"),
        ({"noise": math.nan}, "noise must be a finite"),
        ({"clock": math.inf}, "clock must be a finite"),
        ({"gap": -1.0}, "gap must be at least 0"),
        ({"gap": math.nan}, "gap must be at least 0"),
        ({"terms": {"mood": math.nan}}, "'mood' must be a finite"),
        ({"patience": (4, 3)}, "patience must be"),
    ],
)
def test_impossible_scenes_are_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        scene_of(**change)


def test_impossible_lines_and_beliefs_are_refused() -> None:
    with pytest.raises(ValueError, match="speaker must be one of"):
        Utterance("radio", "hello")
    with pytest.raises(ValueError, match="confidence must be in"):
        Utterance("driver", "a", "b", 1.5)
    with pytest.raises(ValueError, match="right must be in"):
        Belief("what", "?", math.nan)
