"""The one way this library compiles: `compiled` for kernels, `shared` for the rules they call.

A *shared* function is a plain Python function of scalars that kernels can call too, so a rule or
a probability is written once. A *compiled* function is a kernel: it is compiled by numba on its
first call, releases the interpreter lock, and is cached on disk across processes. numba is
imported with the first kernel, not with the library.

numba does not notice an edit in a callee that lies in another file, so the cache folder is named
by a hash of every source file that takes part. `RLKIT_CACHE_DIR` moves the cache.
"""

import hashlib
import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])

_waiting: list[tuple[Callable[..., Any], dict[str, bool]]] = []


def shared(function: Function) -> Function:
    """Let kernels call `function`, which stays plain Python for everybody else."""
    _waiting.append((function, {}))
    return function


def inlined(function: Function) -> Function:
    """Share a short rule of a hot loop: it becomes part of its caller and counts no references.

    Counting them costs more than such a rule itself (half of a tabular learning step). It must
    neither create nor return an array. Keep it short: whatever calls it grows.
    """
    _waiting.append((function, {"forceinline": True, "_nrt": False}))
    return function


def compiled(function: Function) -> Function:
    """Compile `function` on its first call, without the interpreter lock, cached on disk."""
    import numba
    from numba.extending import register_jitable

    while _waiting:
        rule, options = _waiting.pop(0)
        register_jitable(**options)(rule) if options else register_jitable(rule)
    folder = _cache_folder()
    if folder is None:
        return numba.njit(nogil=True)(function)  # type: ignore[no-any-return]
    previous, numba.config.CACHE_DIR = numba.config.CACHE_DIR, str(folder)
    try:
        return numba.njit(nogil=True, cache=True)(function)  # type: ignore[no-any-return]
    finally:
        numba.config.CACHE_DIR = previous


@cache
def _cache_folder() -> Path | None:
    """Return a writable folder for this state of the sources, or None where there is none."""
    home = os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()
    parent = Path(os.environ.get("RLKIT_CACHE_DIR") or Path(home) / "rlkit-cabin")
    folder = parent / f"kernels-{_sources_hash()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK) else None


def _sources_hash() -> str:
    """Return a hash of the files that take part in any kernel: those that name this module."""
    import numba

    digest = hashlib.sha256(numba.__version__.encode())
    for folder in _package_folders():
        for file in sorted(folder.rglob("*.py")):
            source = file.read_bytes()
            if b"rlkit.compiled" in source:
                digest.update(source)
    return digest.hexdigest()[:16]


def _package_folders() -> list[Path]:
    """Return the folders of this library's packages, installed or in a checkout."""
    import importlib.util

    specs = [importlib.util.find_spec(name) for name in ("rlkit", "rlkit.envs", "rlkit.agents")]
    places = [spec.submodule_search_locations or [] for spec in specs if spec is not None]
    return [Path(folder) for folders in places for folder in folders]
