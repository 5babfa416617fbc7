"""Screens: the render modes, closing the window, and the example pictures."""

import itertools
from pathlib import Path
from typing import Any

import gymnasium
import imageio.v2 as imageio
import numpy as np
import pygame
import pytest

import rlkit  # noqa: F401 - registers the environments
from rlkit.envs.cabin.dashboard import FPS, motion
from rlkit.envs.cabin.dashboard.as_text import describe
from rlkit.envs.cabin.dashboard.drawing import draw
from rlkit.envs.cabin.dashboard.scene import CabinScene, Road
from rlkit.envs.cabin.dashboard.screen import Screen
from rlkit.envs.view.window import WindowClosed
from rlkit.scripts.cli import main
from rlkit.scripts.watch import fps_of
from studies.dashboard.gallery import Gallery
from studies.dashboard.scenes import SCENES, city_in_rain

FIRST = CabinScene(clock=1.0, road=Road("city", speed=10.0, travelled=0.0))
THEN = CabinScene(clock=1.2, road=Road("city", speed=10.0, travelled=2.0))


def test_frames_lead_from_the_last_decision_to_now() -> None:
    screen: Any = Screen("rgb_array")
    screen.begin(FIRST)
    assert np.array_equal(screen.render(), draw(FIRST))
    screen.add(THEN)
    shown = list(screen.frames())
    assert len(shown) == 6
    assert np.array_equal(shown[-1], draw(THEN))
    assert np.array_equal(screen.render(), draw(THEN))
    assert all(not np.array_equal(a, b) for a, b in itertools.pairwise(shown))
    screen.begin(FIRST)
    assert len(list(screen.frames())) == 1


def test_text_is_that_of_the_present_scene() -> None:
    screen = Screen("ansi")
    screen.begin(city_in_rain())
    assert screen.render() == describe(city_in_rain())


def test_a_window_shows_every_frame_and_can_be_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    pygame.display.quit()
    flips: list[int] = []
    flip = pygame.display.flip

    def counted() -> None:
        flips.append(1)
        flip()

    monkeypatch.setattr(pygame.display, "flip", counted)
    screen = Screen("human")
    screen.begin(FIRST)
    screen.add(THEN)
    assert len(flips) == 1 + 6
    assert screen.render() is None
    pygame.event.post(pygame.event.Event(pygame.QUIT))
    with pytest.raises(WindowClosed):
        screen.add(FIRST)
    screen.close()
    screen.close()
    assert not pygame.display.get_init()


def test_the_exact_cabin_shows_the_road_moving_from_act_to_act(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(motion, "LONGEST", 0.2)
    env: Any = gymnasium.make("rlkit/CabinTabular-v0", render_mode="rgb_array")
    env.reset(seed=0)
    before = env.render()
    env.step(0)
    shown = list(env.unwrapped.frames())
    assert len(shown) == 6
    assert not np.array_equal(shown[0], before)
    assert np.array_equal(shown[-1], env.render())


@pytest.mark.parametrize("name", ["CabinTabular-v0", "CabinBench1-v0", "CabinMotorway-v0"])
def test_a_dialogue_plays_slowly_enough_to_be_read_however_it_is_filmed(name: str) -> None:
    """Gymnasium's `RecordVideo` takes one frame an act, our films what `frames` yields."""
    env: Any = gymnasium.make(f"rlkit/{name}", render_mode="rgb_array")
    vector: Any = gymnasium.make_vec(f"rlkit/{name}", 1, vectorization_mode="vector_entry_point")

    assert env.metadata["render_fps"] == 1
    assert vector.metadata.get("render_fps", 1) == 1
    assert fps_of(env) == FPS == 30


@pytest.mark.parametrize("mode", ["rgb_array", "ansi"])
def test_looking_changes_nothing(mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(motion, "LONGEST", 0.1)
    env: Any = gymnasium.make("rlkit/CabinTabular-v0", render_mode=mode).unwrapped
    env.reset(seed=3)
    for action in (0, 7, 8):
        env.step(action)
        state, stream = env.get_state(), env.np_random.bit_generator.state
        env.render()
        assert len(list(env.frames())) > 0
        assert env.get_state() == state
        assert env.np_random.bit_generator.state == stream


def test_a_state_that_is_set_is_shown_at_once() -> None:
    env: Any = gymnasium.make("rlkit/CabinTabular-v0", render_mode="ansi").unwrapped
    env.reset(seed=0)
    first, state = env.render(), env.get_state()
    while not env.over:
        env.step(int(np.flatnonzero(env.action_masks())[0]))
    end = env.get_state()
    assert env.render() != first
    env.set_state(state)
    assert env.render() == first
    env.set_state(end)


def test_closing_the_window_ends_watching_cleanly(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    pygame.display.quit()
    quits = [pygame.event.Event(pygame.KEYDOWN, key=pygame.K_q)]
    monkeypatch.setattr(pygame.event, "get", lambda: quits)
    for env_id in ("rlkit/CabinTabular-v0", "rlkit/GridWorld-v0", "rlkit/CabinParked-v0"):
        assert main(["watch", env_id, "--agent", "random"]) == 0
        assert "the window was closed" in capsys.readouterr().out
        assert not pygame.display.get_init()


def test_the_gallery_draws_every_example(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Gallery(out=tmp_path / "new" / "folder", frames=2).main()
    for name, scene in SCENES.items():
        picture = imageio.imread(tmp_path / "new" / "folder" / f"{name}.png")
        assert np.array_equal(picture, draw(scene()))
    assert capsys.readouterr().out.count("frames/s") == len(SCENES)
