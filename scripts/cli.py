"""The command `rlkit` and its sub-commands."""

import sys
from collections.abc import Sequence
from typing import Any

from rlkit.scripts.common import run, together


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `rlkit`; exit codes: 0 ok, 1 failed, 2 wrong arguments, 130 interrupted."""
    words = sys.argv[1:] if arguments is None else list(arguments)
    return run(lambda: _choose(words))


def _choose(words: list[str]) -> int | None:
    """Run the sub-command that the words name; imported here, where Ctrl-C is caught already."""
    from typing import Annotated

    import tyro

    import rlkit
    from rlkit.scripts.bench import Bench
    from rlkit.scripts.compare import Compare
    from rlkit.scripts.demo import Demo
    from rlkit.scripts.elements import Elements
    from rlkit.scripts.evaluate import Evaluate
    from rlkit.scripts.list import List
    from rlkit.scripts.results.measuring import Results
    from rlkit.scripts.train import Train
    from rlkit.scripts.watch import Watch

    if words == ["--version"]:
        print(rlkit.__version__)
        return None
    commands = (
        Annotated[List, tyro.conf.subcommand("list")]
        | Annotated[Elements, tyro.conf.subcommand("elements")]
        | Annotated[Train, tyro.conf.subcommand("train")]
        | Annotated[Evaluate, tyro.conf.subcommand("evaluate")]
        | Annotated[Watch, tyro.conf.subcommand("watch")]
        | Annotated[Compare, tyro.conf.subcommand("compare")]
        | Annotated[Bench, tyro.conf.subcommand("bench")]
        | Annotated[Results, tyro.conf.subcommand("results")]
        | Annotated[Demo, tyro.conf.subcommand("demo")]
    )
    chosen: Any = tyro.cli(commands, args=together(words), prog="rlkit", description=rlkit.__doc__)
    code: int | None = chosen.main()
    return code


if __name__ == "__main__":
    raise SystemExit(main())
