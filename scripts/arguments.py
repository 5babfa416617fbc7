"""Kinds of words on the command line."""

from typing import Annotated

import tyro


def _whole(words: list[str]) -> int:
    """Read a whole number as people write it: 100000, 100_000 or 1e5."""
    try:
        return int(words[0])
    except ValueError:
        number = float(words[0])
    if not number.is_integer():
        raise ValueError(f"a whole number is wanted, got {words[0]}")
    return int(number)


Whole = Annotated[
    int,
    tyro.constructors.PrimitiveConstructorSpec(
        nargs=1,
        metavar="INT",
        instance_from_str=_whole,
        is_instance=lambda value: isinstance(value, int),
        str_from_instance=lambda value: [str(value)],
    ),
]
"""A whole number, such as 1e5."""
