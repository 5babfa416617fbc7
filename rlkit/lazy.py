"""Names that a package offers, imported on first use; and paths of before, which still work."""

from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import Any
from warnings import warn


def resolve(target: str) -> Any:
    """Return what `module:name` means; the module is imported now."""
    module, _, name = target.partition(":")
    return getattr(import_module(module), name)


def homes_of(offered: Mapping[str, str]) -> dict[str, str]:
    """Return names to their modules, from modules to their names, which stand between spaces."""
    return {name: module for module, names in offered.items() for name in names.split()}


def offering(package: str, homes: Mapping[str, str], former: str = "") -> Callable[[str], Any]:
    """Return the `__getattr__` of a package whose names lie elsewhere and cost nothing until used.

    Args:
        package: Its `__name__`.
        homes: Names to the modules that have them.
        former: The module that bore this package's name once; its names are found too, with a
            warning.
    """
    before = moved(package, former, 3) if former else None

    def find(name: str) -> Any:
        if name in homes:
            return getattr(import_module(homes[name]), name)
        # A file of the package is no name of the former module: the import system finds it next.
        if before is not None and find_spec(f"{package}.{name}") is None:
            return before(name)
        raise AttributeError(f"module {package!r} has no attribute {name!r}")

    return find


def moved(old: str, new: str, level: int = 2) -> Callable[[str], Any]:
    """Return the `__getattr__` of a module that moved: it warns, and gives what the new one has.

    Args:
        old: Its `__name__`.
        new: The module to import instead.
        level: Calls from the warning to whoever imports.
    """

    def find(name: str) -> Any:
        if name.startswith("__") or not hasattr(import_module(new), name):
            raise AttributeError(f"module {old!r} has no attribute {name!r}")
        warn(
            f"{old}.{name} is now {new}.{name}; the former path goes with the next version",
            DeprecationWarning,
            stacklevel=level,
        )
        return getattr(import_module(new), name)

    return find
