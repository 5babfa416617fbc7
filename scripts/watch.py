"""Watch episodes in a window, as text, or as a video."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import tyro

from rlkit.envs.view.window import WindowClosed
from rlkit.evaluation import Chooser, bound, cut_after, warn_of_cut
from rlkit.scripts.arguments import Whole
from rlkit.scripts.common import UserError, command, import_first, opened

LONGEST_WATCHED = 1_000
"""Steps that anybody looks on at where the environment has no step limit."""


@dataclass
class Watch:
    """Watch episodes in a window; with --video in a file; with --text as text.

    With --transcript alone, read dialogues that were written before.
    """

    target: tyro.conf.Positional[str | None] = None
    """A run folder, or an environment's id with --agent."""
    agent: str | None = None
    """Who plays: random, handcrafted, or a planner."""
    video: Path | None = None
    """Write an .mp4 or .gif here instead of opening a window."""
    text: bool = False
    """Print each step as text instead."""
    transcript: Path | None = None
    """Write the dialogues here as JSON lines; without a target, replay those of this file."""
    episodes: Whole = 1
    """How many episodes."""
    seed: Whole = 0
    """Seeds environment and policy."""
    longest_episode: Whole = LONGEST_WATCHED
    """Steps after which an episode is cut where the environment has no step limit of its own."""
    env: Annotated[dict[str, str], tyro.conf.arg(metavar="KEY VALUE ...")] = field(
        default_factory=dict
    )
    """Arguments of the environment."""
    module: str | None = None
    """A module to import first, which registers environments of your own."""
    trust: bool = False
    """Open a run of Stable-Baselines3, whose file can run code when it is opened."""

    def main(self) -> None:
        """Play, or replay."""
        if self.target is None:
            self._replay()
            return
        as_text = self.text or self.transcript is not None
        mode = "rgb_array" if self.video else "ansi" if as_text else "human"
        import_first(self.module)
        env, player, agent = opened(self.target, self.agent, self.env, mode, trust=self.trust)
        exchanges: list[Any] = []
        note = self._listener(env, exchanges)
        frames = play(env, player, self.episodes, self.seed, note, self.longest_episode)
        try:
            self._show(frames, fps_of(env))
        except WindowClosed:
            print("the window was closed")
        finally:
            env.close()
        if self.transcript is not None:
            from rlkit.envs.cabin.language.transcript import Header, write_transcript

            header = Header(env=env.spec.id, agent=agent, seed=self.seed)
            write_transcript(self.transcript, header, exchanges)
            print(f"transcript: {self.transcript}")

    def _show(self, frames: Any, fps: int) -> None:
        """Write the frames to a video, print them, or let the window show them."""
        if self.video is not None:
            write_video(self.video, frames, fps)
            print(f"video: {self.video}")
            return
        for frame in frames:
            if self.text:
                print(frame)

    def _listener(self, env: Any, exchanges: list[Any]) -> Callable[[], None]:
        """Return what is called after every reset and step: it notes the last exchange."""
        if self.transcript is None:
            return lambda: None
        exchange = getattr(env.unwrapped, "exchange", None)
        if exchange is None:
            raise UserError(f"{env.spec.id} has no dialogues to transcribe")
        return lambda: exchanges.append(exchange())

    def _replay(self) -> None:
        """Print the dialogues of a transcript."""
        from rlkit.envs.cabin.language.transcript import as_text, read_transcript

        if self.transcript is None:
            raise UserError("give a run folder, an environment, or --transcript FILE to replay")
        if not self.transcript.is_file():
            raise UserError(f"there is no transcript {self.transcript}")
        header, exchanges = read_transcript(self.transcript)
        print(f"{header.env}, {header.agent}, seed {header.seed}")
        for told in exchanges:
            print(as_text(told))


def play(
    env: Any,
    player: Any,
    episodes: int,
    seed: int,
    note: Callable[[], None] = lambda: None,
    longest_episode: int = LONGEST_WATCHED,
) -> Any:
    """Yield every frame of some episodes; environments with motion give several a step.

    Args:
        env: Where to play.
        player: Who plays.
        episodes: How many.
        seed: Seeds environment and policy.
        note: Called after every reset and step.
        longest_episode: See `rlkit.evaluate`.
    """
    from rlkit.randomness import Stream, derive

    longest = cut_after(env, longest_episode)
    choose = Chooser(bound(player, env), Stream(derive(seed, "policy")))
    for episode in range(episodes):
        observation, info = env.reset(seed=seed if episode == 0 else None)
        choose.begin()
        note()
        yield env.render()
        over, length = False, 0
        while not over and length != longest:
            observation, _, terminated, truncated, info = env.step(choose(observation, info))
            over, length = terminated or truncated, length + 1
            note()
            frames = getattr(env.unwrapped, "frames", None)
            yield from frames() if frames and env.render_mode == "rgb_array" else [env.render()]
        if not over:
            warn_of_cut(env, length)


def fps_of(env: Any) -> int:
    """Return the frames per second of what `play` yields."""
    told = env.unwrapped.metadata
    return int(told.get("motion_fps", told.get("render_fps", 4)))


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
    raise SystemExit(command(Watch))
