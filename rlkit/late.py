"""What is imported on first use, so that a package is cheap to import whatever it offers."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def resolve(target: str) -> Any:
    """Return what `module:name` means; the module is imported now."""
    module, _, name = target.partition(":")
    return getattr(import_module(module), name)


def late_names(package: str, offered: Mapping[str, str]) -> Callable[[str], Any]:
    """Return the `__getattr__` of a package that offers names of modules which it does not import.

    For type checkers the package imports them under `if TYPE_CHECKING`.

    Args:
        package: Its `__name__`.
        offered: Names between spaces, by the module that has them.
    """
    targets = {
        name: f"{module}:{name}" for module, names in offered.items() for name in names.split()
    }
    here = vars(import_module(package))

    def find(name: str) -> Any:
        if name not in targets:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        here[name] = resolve(targets[name])  # the next time it is found at once
        return here[name]

    return find
