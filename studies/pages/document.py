"""Write a page for every environment, in Gymnasium's template, from its code."""

import inspect
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import gymnasium

from rlkit.lazy import resolve
from rlkit.registration import TABLE, Entry
from rlkit.scripts.common import command

SECTIONS = (
    "Description",
    "Action Space",
    "Observation Space",
    "Starting State",
    "Rewards",
    "Episode End",
    "Information",
    "Arguments",
    "Version History",
)
"""Of Gymnasium's pages, in order; every environment's docstring has them all."""
LONGEST_LIST = 12
"""Names of a group of indices that are all written out."""


@dataclass
class Document:
    """Write the environment pages; each is made from the class's docstring and a live instance."""

    out: Path = Path("docs/environments")
    """Where they go."""

    def main(self) -> None:
        """Write them."""
        self.out.mkdir(parents=True, exist_ok=True)
        for name, text in pages().items():
            (self.out / name).write_text(text, encoding="utf-8")
            print(self.out / name)


def pages() -> dict[str, str]:
    """Return the pages: file names to texts, one for each class of environment."""
    by_class = sorted(TABLE, key=lambda entry: entry.entry_point)
    groups = groupby(by_class, key=lambda entry: entry.entry_point)
    made = {_file_name(point): _page(point, list(entries)) for point, entries in groups}
    links = [f"- [{name.removesuffix('.md')}]({name})" for name in made]
    return {**made, "README.md": "\n".join(["# Environments", "", *links, ""])}


def sections_of(kind: type[Any]) -> dict[str, str]:
    """Return the sections of a class's docstring; the text before them is called "".

    Raises:
        ValueError: If they are not those of the template, in its order.
    """
    parts = re.split(r"^## (.+)$", inspect.cleandoc(kind.__doc__ or ""), flags=re.MULTILINE)
    sections = dict(zip(parts[1::2], (part.strip() for part in parts[2::2]), strict=True))
    if tuple(sections) != SECTIONS:
        raise ValueError(f"{kind.__name__} documents {list(sections)}, not {list(SECTIONS)}")
    return {"": parts[0].strip(), **sections}


def _file_name(entry_point: str) -> str:
    name = entry_point.partition(":")[2].removesuffix("Env")
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower() + ".md"


def _page(entry_point: str, entries: Sequence[Entry]) -> str:
    sections = sections_of(resolve(entry_point))
    env: Any = gymnasium.make(entries[0].id).unwrapped
    added = {
        "Action Space": _actions(env),
        "Observation Space": _features(env),
        "Arguments": _registered(entries),
    }
    lines = [
        f"# {', '.join(f'`{entry.id}`' for entry in entries)}",
        "",
        "Written by `python -m studies.pages.document` from the code.",
        "",
        sections[""],
        "",
        "| | |",
        "|---|---|",
        f"| Action space | `{env.action_space}` |",
        f"| Observation space | `{env.observation_space}` |",
        f'| Make | `gymnasium.make("rlkit:{entries[0].id}")` |',
        f'| Make many | `gymnasium.make_vec("rlkit:{entries[0].id}", num_envs=1024)` |',
    ]
    for name in SECTIONS:
        lines += ["", f"## {name}", sections[name], *added.get(name, [])]
    env.close()
    return "\n".join(lines) + "\n"


def _actions(env: Any) -> list[str]:
    """Return a table of the actions, where they have names."""
    names = getattr(env, "action_names", None)
    if names is None:
        return []
    rows = [f"| {number} | `{name}` |" for number, name in enumerate(names)]
    return ["", "| action | act |", "|---|---|", *rows]


def _features(env: Any) -> list[str]:
    """Return a table of the indices of the vector, where they have names."""
    names = getattr(env, "feature_names", None)
    if names is None:
        return []
    return ["", "| index | number |", "|---|---|", *index_rows(list(names))]


def index_rows(names: list[str]) -> Iterator[str]:
    """Yield a row for each index, and one for each group `name=value` of them."""
    first = 0
    for stem, group in groupby(names, key=lambda name: name.partition("=")[0]):
        values = [name.partition("=")[2] for name in group]
        last = first + len(values) - 1
        if len(values) > 1:
            yield f"| {first} ... {last} | `{stem}=` {_listed(values)} |"
        else:
            yield f"| {first} | `{names[first]}` |"
        first = last + 1


def _listed(values: list[str]) -> str:
    if len(values) <= LONGEST_LIST:
        return ", ".join(values)
    return f"{', '.join(values[:3])}, ... ({len(values)} in all), {', '.join(values[-2:])}"


def _registered(entries: Sequence[Entry]) -> list[str]:
    """Return a table of what each id fixes."""
    rows = [
        f"| `{entry.id}` | {', '.join(f'`{k}={v!r}`' for k, v in entry.kwargs.items()) or '-'} |"
        for entry in entries
    ]
    return ["", "| id | arguments as registered |", "|---|---|", *rows]


if __name__ == "__main__":
    raise SystemExit(command(Document))
