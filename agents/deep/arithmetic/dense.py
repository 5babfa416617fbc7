"""The layers of an MLP, as compiled arithmetic takes them."""

from collections.abc import Sequence

from torch import nn

from rlkit.arrays import Array
from rlkit.nets.core import Core, Feedforward
from rlkit.nets.feedforward import MLP

Dense = tuple[list[nn.Linear], bool] | None
"""The layers of an MLP, and whether ReLU stands between them; None for any other network."""
Layers = tuple[tuple[Array, ...], tuple[Array, ...]]
"""Weights, `(out, in)`, and biases, `(out,)`, of the layers of an MLP."""


def dense_arrays(layers: list[nn.Linear]) -> tuple[Layers, Layers]:
    """Return the weights and biases of layers on the CPU, and their gradients, in place."""
    weights = tuple(layer.weight.detach().numpy() for layer in layers)
    biases = tuple(layer.bias.detach().numpy() for layer in layers)
    slopes = [(layer.weight.grad, layer.bias.grad) for layer in layers]
    columns = zip(*slopes, strict=True)
    of_weights, of_biases = (tuple(s.numpy() for s in c if s is not None) for c in columns)
    return (weights, biases), (of_weights, of_biases)


def dense_layers(core: Core, *heads: nn.Module) -> Dense:
    """Return the linear layers of an MLP and its head, and whether ReLU stands between them.

    Returns:
        None for any network that is not linear layers with tanh or ReLU between them.
    """
    if not isinstance(core, Feedforward) or not isinstance(core.network, nn.Sequential):
        return None
    flatten, *rest = core.network
    if not isinstance(flatten, nn.Flatten) or len(rest) != 1 or not isinstance(rest[0], MLP):
        return None
    layers = [*rest[0].layers, *heads]
    linear, between = layers[::2], layers[1::2]
    return _checked(linear, between)


def _checked(linear: Sequence[nn.Module], between: Sequence[nn.Module]) -> Dense:
    kinds = {type(one) for one in between}
    plain = [one for one in linear if isinstance(one, nn.Linear) and one.bias is not None]
    if len(plain) < len(linear) or kinds not in ({nn.Tanh}, {nn.ReLU}):
        return None
    return plain, kinds == {nn.ReLU}
