"""The name of our environments, and errors for names that do not exist."""

from collections.abc import Iterable
from difflib import get_close_matches

NAMESPACE = "rlkit"
"""What the ids of our environments begin with."""


def unknown(kind: str, name: str, known: Iterable[str]) -> str:
    """Return the message for an unknown `name` of a `kind` such as "agent" or "act"."""
    allowed = sorted(known)
    by_lower = {word.lower(): word for word in allowed}  # PPO is near to ppo
    near = get_close_matches(str(name).lower(), by_lower, n=1, cutoff=0.5)
    hint = f" Did you mean {by_lower[near[0]]!r}?" if near else ""
    return f"unknown {kind} {name!r}.{hint} Known: {', '.join(allowed) or 'none'}."
