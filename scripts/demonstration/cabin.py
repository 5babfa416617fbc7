"""The second half of the demonstration: PPO learns the full cabin, filmed beside the rules."""

from collections.abc import Callable, Iterator
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np

from rlkit.scripts.demonstration.film import Frame
from rlkit.scripts.demonstration.table import estimate_column, print_players

CABIN, PLAYER = "rlkit/Cabin-v0", "PPO-errands"
EPISODES = 1_000
WIDTH, STRIP = 960, 40
"""Of each half of the film [px]: its width, and the height of the strip with its player's name."""
Players = dict[str, Callable[[Any], Any]]
"""Name to the function that makes the player of an environment."""


def demonstrate(out: Path, steps: int, *, shown: bool) -> dict[str, dict[str, Any]]:
    """Train PPO in the full cabin, compare it with the handcrafted policy, film both side by side.

    Args:
        out: Folder of the film.
        steps: Of training.
        shown: Whether to show progress.

    Returns:
        What `handcrafted` and `ppo` reach, by name.
    """
    import gymnasium

    from rlkit.evaluation import evaluate

    ppo = _trained(steps, shown=shown)
    # The handcrafted policy reads the state of one environment, so each environment has its own.
    players: Players = {
        "handcrafted": lambda env: env.unwrapped.handcrafted(),
        "ppo": lambda _: ppo,
    }
    env = gymnasium.make(CABIN)
    rows = {
        name: evaluate(player(env), env, EPISODES, seed=0).as_json()
        for name, player in players.items()
    }
    env.close()
    columns = {
        "return": estimate_column("return", ".2f"),
        "success %": estimate_column("success", ".1f", 0.01),
        "seconds": estimate_column("seconds", ".1f"),
        "seconds\nat risk": estimate_column("risk", ".2f"),
    }
    print_players(rows, columns)
    print(f"{EPISODES:,} drives a policy, 95 % intervals below the means; undiscounted returns.")
    film = out / "side-by-side.mp4"
    _film(film, players, seed=3)
    print(f"video of the handcrafted policy beside PPO, on the same drive: {film}")
    return rows


def _trained(steps: int, *, shown: bool) -> Any:
    """Return PPO, trained as in the table of results."""
    import gymnasium

    from rlkit.agents.making import make as make_agent
    from rlkit.agents.presets import presets

    preset = presets()[CABIN][PLAYER]
    env = gymnasium.make(CABIN, **preset.training_arguments)
    agent = make_agent(preset.agent, env, preset=preset.name, seed=0)
    agent.learn(steps, progress_bar=shown)
    env.close()
    return agent


def _film(path: Path, players: Players, seed: int) -> None:
    """Film one episode of every player, side by side; who is done first waits for the others."""
    import gymnasium

    from rlkit.scripts.watch import fps_of, play, write_video

    envs: list[Any] = [gymnasium.make(CABIN, render_mode="rgb_array") for _ in players]
    films = [
        _half(name, play(env, player(env), 1, seed))
        for env, (name, player) in zip(envs, players.items(), strict=True)
    ]
    write_video(path, side_by_side(films), fps_of(envs[0]))
    for env in envs:
        env.close()


def _half(name: str, frames: Iterator[Frame]) -> Iterator[Frame]:
    """Yield the frames of one player, reduced, below a strip with its name."""
    from PIL import Image, ImageDraw, ImageFont

    strip = Image.new("RGB", (WIDTH, STRIP), "black")
    font = ImageFont.load_default(STRIP // 2)
    ImageDraw.Draw(strip).text((WIDTH // 2, STRIP // 2), name, "white", font, anchor="mm")
    for frame in frames:
        height = WIDTH * frame.shape[0] // frame.shape[1]
        small = Image.fromarray(frame).resize((WIDTH, height), Image.Resampling.LANCZOS)
        yield np.vstack([np.asarray(strip), np.asarray(small)])


def side_by_side(films: list[Iterator[Frame]]) -> Iterator[Frame]:
    """Yield the frames of several films beside each other, as long as the longest."""
    last: list[Frame] = []
    for frames in zip_longest(*films):
        last = [
            new if new is not None else old for new, old in zip(frames, last or frames, strict=True)
        ]
        yield np.hstack(last)
