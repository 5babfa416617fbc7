"""Write the pages on optimisation and on the course's questions, with their pictures."""

from dataclasses import dataclass
from pathlib import Path

import torch

from rlkit.scripts.common import command
from studies.course import drawings, exam_drawings, exam_page, optimisation_page
from studies.course.style import save

PAGES = {"optimisation.md": optimisation_page.render, "exam.md": exam_page.render}


@dataclass
class AnswerCourse:
    """Compute the answers, draw the pictures, write `optimisation.md` and `exam.md`."""

    out: Path = Path("docs")
    """The folder of the pages; pictures go into `images/` below it."""

    def main(self) -> None:
        """Write everything."""
        torch.set_num_threads(1)
        for name, draw in (drawings.DRAWINGS | exam_drawings.DRAWINGS).items():
            path = self.out / "images" / f"{name}.png"
            save(draw(), path)
            print(path)
        for name, render in PAGES.items():
            (self.out / name).write_text(render(), encoding="utf-8")
            print(self.out / name)


if __name__ == "__main__":
    raise SystemExit(command(AnswerCourse))
