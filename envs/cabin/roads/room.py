"""Room for a dialogue: which rows of the road one may begin in.

A dialogue begins in any row that leaves room for one before its drive is over, each as likely. So
a drive is drawn in proportion to the time it has, and one without such a row never.
"""

import warnings

import numpy as np

from rlkit.envs.cabin.roads.rows import PERIOD, Drives

SHORTEST_DRIVE = 480
"""Rows from the one that a dialogue begins in to the last of its drive, at least; 240 s, by which
all but about one in a thousand dialogues of the handcrafted rules are over. (Assumption.)"""
ROOM = SHORTEST_DRIVE * PERIOD
"""What a drive must last, from its first row to its last [s]."""


def with_room(drives: Drives) -> Drives:
    """Return the drives that a dialogue can begin in; a `UserWarning` counts what is left out.

    Raises:
        ValueError: If every drive is too short.
    """
    rows = np.diff(drives.starts)
    short = rows <= SHORTEST_DRIVE
    if short.all():
        what = "the drive" if len(drives) == 1 else f"the longest of {len(drives)} drives"
        raise ValueError(
            f"{drives.source}: {what} lasts {(rows.max() - 1) * PERIOD:g} s, too short for a "
            f"dialogue, which needs {ROOM:g} s of road; record for longer, or join the pieces of "
            "one trip, so that their times go on"
        )
    if not short.any():
        return drives
    warnings.warn(
        f"{drives.source}: {short.sum()} of {len(drives)} drives "
        f"({rows[short].sum() * PERIOD:g} of {rows.sum() * PERIOD:g} s) are too short for a "
        f"dialogue and left out; a drive must last {ROOM:g} s",
        UserWarning,
        stacklevel=3,
    )
    starts = np.concatenate([[0], np.cumsum(rows[~short])])
    return Drives(drives.rows[np.repeat(~short, rows)], starts.astype(np.int64), drives.source)
