"""What the computer offers to this process."""

import os


def cores() -> int:
    """Return how many processor cores this process may use; all, where the system sets no limit."""
    if hasattr(os, "sched_getaffinity"):  # on Linux alone
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
