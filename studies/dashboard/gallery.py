"""Draw the dashboard's example scenes into a folder, and measure how fast they are drawn."""

import time
from dataclasses import dataclass
from pathlib import Path

from rlkit.scripts.common import command


@dataclass
class Gallery:
    """Draw every example scene as a PNG, and say how many frames a second of motion takes."""

    out: Path = Path("gallery")
    """Where the pictures go."""
    frames: int = 120
    """Frames that are timed, a scene that moves each."""

    def main(self) -> None:
        """Draw and measure."""
        import imageio.v2 as imageio

        from rlkit.envs.cabin.dashboard.drawing import draw
        from studies.dashboard.scenes import SCENES

        self.out.mkdir(parents=True, exist_ok=True)
        for name, scene in SCENES.items():
            path = self.out / f"{name}.png"
            imageio.imwrite(path, draw(scene()))
            print(f"{path}: {self._speed(name)}")

    def _speed(self, name: str) -> str:
        """Return in words how many frames a second are drawn while a scene moves on."""
        from dataclasses import replace

        from rlkit.envs.cabin.dashboard.drawing import draw
        from rlkit.envs.cabin.dashboard.motion import between
        from studies.dashboard.scenes import SCENES

        before = SCENES[name]()
        road, seconds = before.road, self.frames / 30
        way = road.travelled + road.speed * seconds
        now = replace(
            before,
            clock=before.clock + seconds,
            road=replace(road, travelled=way, speed=road.speed + 0.5),
        )
        begin = time.perf_counter(), time.process_time()
        for k in range(1, self.frames + 1):
            draw(between(before, now, k / self.frames))
        wall, busy = time.perf_counter() - begin[0], time.process_time() - begin[1]
        return f"{self.frames / wall:.0f} frames/s ({self.frames / busy:.0f} of processor time)"


if __name__ == "__main__":
    raise SystemExit(command(Gallery))
