"""Watch episodes in a window, as text, or as a video."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import tyro

from rlkit.scripts.common import UserError, opened


@dataclass
class Watch:
    """Watch episodes in a window; with --video in a file; with --text as text."""

    target: tyro.conf.Positional[str]
    """A run folder, or an environment's id with --agent."""
    agent: str | None = None
    """Who plays: random, handcrafted, or a planner."""
    video: Path | None = None
    """Write an .mp4 or .gif here instead of opening a window."""
    text: bool = False
    """Print each step as text instead."""
    episodes: int = 1
    """How many episodes."""
    seed: int = 0
    """Seeds environment and policy."""
    env: Annotated[dict[str, str], tyro.conf.arg(metavar="KEY VALUE ...")] = field(
        default_factory=dict
    )
    """Arguments of the environment."""

    def main(self) -> None:
        """Play."""
        mode = "rgb_array" if self.video else "ansi" if self.text else "human"
        env, player, _ = opened(self.target, self.agent, self.env, mode)
        frames = play(env, player, self.episodes, self.seed)
        if self.video is not None:
            write_video(self.video, frames, fps_of(env))
            print(f"video: {self.video}")
        else:
            for frame in frames:
                if self.text:
                    print(frame)
        env.close()


def play(env: Any, player: Any, episodes: int, seed: int) -> Any:
    """Yield every frame of some episodes; environments with motion give several a step."""
    from rlkit.evaluation import Chooser
    from rlkit.randomness import Stream, derive

    choose = Chooser(player, Stream(derive(seed, "policy")))
    for episode in range(episodes):
        observation, info = env.reset(seed=seed if episode == 0 else None)
        choose.begin()
        yield env.render()
        over = False
        while not over:
            observation, _, terminated, truncated, info = env.step(choose(observation, info))
            over = terminated or truncated
            frames = getattr(env.unwrapped, "frames", None)
            yield from frames() if frames and env.render_mode == "rgb_array" else [env.render()]


def fps_of(env: Any) -> int:
    """Return the frames per second of an environment."""
    return int(env.unwrapped.metadata.get("render_fps", 4))


def write_video(path: Path, frames: Any, fps: int) -> None:
    """Write frames `(H, W, 3)` uint8 to an .mp4 or .gif.

    Raises:
        UserError: If the ending is another, or the file cannot be written.
    """
    import imageio.v2 as imageio

    if path.suffix.lower() not in {".mp4", ".gif"}:
        raise UserError(f"a video ends with .mp4 or .gif, got {path.name!r}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        film = path.suffix.lower() == ".mp4"
        options = {"fps": fps, "macro_block_size": 2} if film else {"duration": 1000 / fps}
        writer: Any = imageio.get_writer(path, **options)
        with writer:
            for frame in frames:
                writer.append_data(frame)
    except OSError as error:
        reason = str(error).partition("\n")[0]
        raise UserError(f"cannot write the video {path}: {reason}") from error


if __name__ == "__main__":
    from rlkit.scripts.cli import command

    raise SystemExit(command(Watch))
