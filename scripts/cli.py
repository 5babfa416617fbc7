"""The command `rlkit` and its sub-commands."""

import sys
from collections.abc import Sequence
from typing import Annotated, Any

import tyro

import rlkit
from rlkit.scripts.bench import Bench
from rlkit.scripts.common import run
from rlkit.scripts.demo import Demo
from rlkit.scripts.elements import Elements
from rlkit.scripts.evaluate import Evaluate
from rlkit.scripts.list import List
from rlkit.scripts.train import Train
from rlkit.scripts.watch import Watch

Commands = (
    Annotated[List, tyro.conf.subcommand("list")]
    | Annotated[Elements, tyro.conf.subcommand("elements")]
    | Annotated[Train, tyro.conf.subcommand("train")]
    | Annotated[Evaluate, tyro.conf.subcommand("evaluate")]
    | Annotated[Watch, tyro.conf.subcommand("watch")]
    | Annotated[Bench, tyro.conf.subcommand("bench")]
    | Annotated[Demo, tyro.conf.subcommand("demo")]
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `rlkit`; exit codes: 0 ok, 2 wrong arguments, 130 interrupted."""
    words = sys.argv[1:] if arguments is None else list(arguments)
    if words == ["--version"]:
        print(rlkit.__version__)
        return 0
    chosen: Any = tyro.cli(Commands, args=words, prog="rlkit", description=rlkit.__doc__)
    return run(chosen.main)


def command(kind: type[Any]) -> int:
    """Run one sub-command as a program of its own."""
    return run(tyro.cli(kind).main)


if __name__ == "__main__":
    raise SystemExit(main())
