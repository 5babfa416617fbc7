"""The one way this library compiles: `compiled` and `lean` for kernels, `shared` for their rules.

A *shared* function is a plain Python function of scalars that kernels can call too, so a rule or
a probability is written once. A *compiled* function is a kernel: it is compiled by numba on its
first call, releases the interpreter lock, and is cached on disk across processes. numba is
imported with the first kernel, not with the library.

By itself numba counts the references to every array that a rule looks at, with atomic
instructions that the threads of a kernel then wait for. Rules do without, and so do *lean* kernels:
a third of a dialogue's step, and a third of its compilation.

Nothing checks whether a divisor is zero, which would keep loops from being vectorised; a quotient
is infinite or NaN then, as in NumPy.

numba does not notice an edit in a callee that lies in another file, so the cache folder is named
by a hash of every source file that takes part. `RLKIT_CACHE_DIR` moves the cache.
"""

import hashlib
import os
import warnings
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])

_waiting: list[tuple[Callable[..., Any], dict[str, Any]]] = []
_UNCHECKED = {"error_model": "numpy"}


def shared(function: Function) -> Function:
    """Let kernels call `function`, which stays plain Python for everybody else.

    It must neither create nor return an array.
    """
    _waiting.append((function, {**_UNCHECKED, "_nrt": False}))
    return function


def inlined(function: Function) -> Function:
    """Share a short rule of a hot loop, which becomes part of its caller: whatever calls it grows.

    It must neither create nor return an array.
    """
    _waiting.append((function, {**_UNCHECKED, "forceinline": True, "_nrt": False}))
    return function


def compiled(function: Function) -> Function:
    """Compile `function` on its first call, without the interpreter lock, cached on disk."""
    return _compile(function)


def lean(function: Function) -> Function:
    """Compile a kernel that neither creates nor returns arrays; it counts no references."""
    return _compile(function, _nrt=False)


def entry(kernel: Any, arguments: tuple[Any, ...]) -> Callable[..., Any]:
    """Return the machine code of a kernel for arguments of these types, which nothing checks again.

    numba looks at the type of every argument of every call, which takes microseconds where they
    are arrays of records: as long as the step of one environment.
    """
    import numba

    if not hasattr(kernel, "overloads"):  # where numba is told not to compile
        return kernel  # type: ignore[no-any-return]
    signature = tuple(numba.typeof(argument) for argument in arguments)
    kernel.compile(signature)
    return kernel.overloads[signature].entry_point  # type: ignore[no-any-return]


def _compile(function: Function, **more: bool) -> Function:
    import numba
    from numba.extending import register_jitable

    while _waiting:
        rule, rule_options = _waiting.pop(0)
        register_jitable(**rule_options)(rule)
    options = {**_UNCHECKED, **more}
    folder = _cache_folder()
    if folder is None:
        return numba.njit(nogil=True, **options)(function)  # type: ignore[no-any-return]
    previous, numba.config.CACHE_DIR = numba.config.CACHE_DIR, str(folder)
    try:
        return numba.njit(nogil=True, cache=True, **options)(function)  # type: ignore[no-any-return]
    finally:
        numba.config.CACHE_DIR = previous


def keeps_code() -> bool:
    """Return whether what is compiled is kept for later starts."""
    return _cache_folder() is not None


@cache
def _cache_folder() -> Path | None:
    """Return a writable folder for this state of the sources; warn where there is none."""
    home = os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()
    parent = Path(os.environ.get("RLKIT_CACHE_DIR") or Path(home) / "rlkit-cabin")
    folder = parent / f"kernels-{_sources_hash()}"
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
    if os.access(folder, os.W_OK):
        return folder
    warnings.warn(
        f"compiled code cannot be kept in {parent}, which cannot be written, so every start "
        "compiles again; the environment variable RLKIT_CACHE_DIR names another folder",
        stacklevel=2,
    )
    return None


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
