"""Write the gallery: published figures computed anew, a page each, and a page of all of them."""

from dataclasses import dataclass, field
from pathlib import Path

import tyro

from rlkit.names import unknown
from rlkit.scripts.common import UserError, command
from studies.reproductions import REPRODUCTIONS, Finding, Reproduction, find

HEAD = """# {title}

Written by `python -m studies.reproductions.reproduce {name}`. Source: {source}.

{text}

![{title}](images/{name}.png)

| what | expected | obtained | may differ by | holds |
|---|---|---|---|---|
"""
INDEX = """# Gallery

Written by `python -m studies.reproductions.reproduce`: figures and tables that others published,
computed anew. Each page has a table of what was expected and what is obtained; each row is
also a test.

![Value iteration sweeps a maze](images/sweeps.gif)

Value iteration in a maze, by `python -m studies.reproductions.animate_sweeps`: with two arrays
news of the goal travel a cell a sweep; in place they run along the order of the states, row by row.

| | source | figures that hold | |
|---|---|---|---|
"""


@dataclass
class Reproduce:
    """Compute published figures anew and write a page for each, with its picture."""

    names: tyro.conf.Positional[tuple[str, ...]] = field(default_factory=lambda: (*REPRODUCTIONS,))
    """Which; all of them take some minutes of processor time."""
    out: Path = Path("docs/gallery")
    """Where the pages go."""

    def main(self) -> int:
        """Compute and write; the exit code is 1 if a figure does not hold."""
        for name in self.names:
            if name not in REPRODUCTIONS:
                raise UserError(unknown("reproduction", name, REPRODUCTIONS))
        (self.out / "images").mkdir(parents=True, exist_ok=True)
        missed, rows = 0, []
        for name in self.names:
            made = find(name)()
            made.figure.savefig(self.out / "images" / f"{name}.png", dpi=100)
            (self.out / f"{name}.md").write_text(page(name, made), encoding="utf-8")
            failures = [finding.what for finding in made.findings if not finding.holds]
            missed += len(failures)
            rows.append(summary(name, made))
            print(f"{name}: {len(made.findings)} figures, {failures or 'all hold'}", flush=True)
        if set(self.names) == set(REPRODUCTIONS):
            (self.out / "README.md").write_text(INDEX + "".join(rows), encoding="utf-8")
        return int(missed > 0)


def page(name: str, made: Reproduction) -> str:
    """Return the page of a reproduction."""
    head = HEAD.format(name=name, title=made.title, source=made.source, text=made.text)
    return head + "".join(_row(finding) for finding in made.findings)


def summary(name: str, made: Reproduction) -> str:
    """Return the line of a reproduction on the page of all of them."""
    held = sum(finding.holds for finding in made.findings)
    picture = f'<img src="images/{name}.png" width="240" alt="">'
    counted = f"{held} of {len(made.findings)}"
    return f"| [{made.title}]({name}.md) | {made.source} | {counted} | {picture} |\n"


def _row(finding: Finding) -> str:
    numbers = (finding.expected, finding.obtained, finding.tolerance)
    cells = " | ".join(f"{number:.6g}" for number in numbers)
    return f"| {finding.what} | {cells} | {'yes' if finding.holds else '**no**'} |\n"


if __name__ == "__main__":
    raise SystemExit(command(Reproduce))
