"""Optimizers by name: PyTorch's on their fastest path, and ours. Chapter 7, section 7.2."""

import inspect
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from torch import Tensor, optim

from rlkit.lazy import resolve
from rlkit.names import unknown
from rlkit.nets.optimizers.checks import check_rate

Parameters = Iterable[Tensor] | Iterable[dict[str, Any]]

_TORCH: dict[str, Callable[..., optim.Optimizer]] = {
    "sgd": optim.SGD,
    "momentum": partial(optim.SGD, momentum=0.9),
    "nesterov": partial(optim.SGD, momentum=0.9, nesterov=True),
    "adagrad": optim.Adagrad,
    "rmsprop": optim.RMSprop,
    "adadelta": optim.Adadelta,
    "adam": optim.Adam,
    "amsgrad": partial(optim.Adam, amsgrad=True),
    "adamw": optim.AdamW,
    "nadam": optim.NAdam,
    "radam": optim.RAdam,
    "adamax": optim.Adamax,
}
_TEXTBOOK = "rlkit.nets.optimizers.textbook"
_OURS: dict[str, tuple[str, dict[str, float]]] = {
    "textbook-momentum": (f"{_TEXTBOOK}:TextbookMomentum", {}),
    "textbook-nesterov": (f"{_TEXTBOOK}:TextbookNesterov", {}),
    "textbook-adagrad": (f"{_TEXTBOOK}:TextbookAdagrad", {}),
    "textbook-rmsprop": (f"{_TEXTBOOK}:TextbookRMSprop", {}),
    "textbook-adadelta": (f"{_TEXTBOOK}:TextbookAdaDelta", {}),
    "textbook-adam": (f"{_TEXTBOOK}:TextbookAdam", {}),
    "tensorflow-rmsprop": (f"{_TEXTBOOK}:TextbookRMSprop", {"beta": 0.99, "initial_square": 1.0}),
}
"""Imported on use: what they are, and settings in place of their defaults."""
_FUSED_ON = {
    optim.SGD: {"cpu", "cuda"},
    optim.Adam: {"cpu", "cuda"},
    optim.AdamW: {"cpu", "cuda"},
    optim.Adagrad: {"cpu"},
}
"""The devices for which PyTorch 2.5 and later have a fused kernel."""
_PATHS = {"fused", "foreach", "capturable", "differentiable"}


def optimizer_names() -> list[str]:
    """Return the names that `make` knows, sorted."""
    return sorted([*_TORCH, *_OURS])


def make(name: str, params: Parameters, **settings: Any) -> optim.Optimizer:
    """Return a new optimizer.

    PyTorch's own take their fused kernel where there is one for the parameters, else the form that
    works on all parameters at once; PyTorch alone would loop over them on a CPU.

    Args:
        name: One of `optimizer_names()`.
        params: Parameters or parameter groups.
        settings: Keyword arguments of the optimizer, such as `lr`.

    Raises:
        KeyError: For an unknown name; the message has the nearest.
        TypeError: For an unknown setting; likewise.
        ValueError: If the learning rate is negative or not finite.
    """
    factory = _factory(name)
    known = list(inspect.signature(factory).parameters)[1:]  # all but params
    for setting in settings:
        if setting not in known:
            raise TypeError(unknown(f"setting of {name}", setting, known))
    check_rate(settings.get("lr", 0.0))
    given = [_listed(entry) for entry in params]
    if name in _TORCH and not _PATHS & settings.keys():
        settings |= _fastest(factory, given)
    return factory(given, **settings)


def by_name(name: str) -> Callable[..., optim.Optimizer]:
    """Return `make` for one name, as an `optimizer_class` of Stable-Baselines3.

    Raises:
        KeyError: For an unknown name; the message has the nearest.
    """
    _factory(name)
    return partial(make, name)


def _factory(name: str) -> Callable[..., optim.Optimizer]:
    """Return what makes an optimizer, imported now if it is ours."""
    if name in _TORCH:
        return _TORCH[name]
    if name not in _OURS:
        raise KeyError(unknown("optimizer", name, optimizer_names()))
    target, settings = _OURS[name]
    return partial(resolve(target), **settings)


def _fastest(factory: Callable[..., optim.Optimizer], given: list[Any]) -> dict[str, bool]:
    kind = factory.func if isinstance(factory, partial) else factory
    devices = _FUSED_ON.get(kind, set())  # type: ignore[call-overload]
    fits = all(p.is_floating_point() and p.device.type in devices for p in _tensors(given))
    return {"fused": True} if fits else {"foreach": True}


def _listed(entry: Any) -> Any:
    """Return a group whose parameters can be read more than once; parameters as they are."""
    if isinstance(entry, dict) and not isinstance(entry["params"], Tensor):
        return entry | {"params": list(entry["params"])}
    return entry


def _tensors(given: list[Any]) -> list[Tensor]:
    """Return the parameters of a list of tensors, of (name, tensor), or of groups."""
    found: list[Tensor] = []
    for entry in given:
        if isinstance(entry, dict):
            part = entry["params"]
            found += _tensors([part] if isinstance(part, Tensor) else part)
        else:
            found.append(entry[1] if isinstance(entry, tuple) else entry)
    return found
