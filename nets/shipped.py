"""The cores that have a name: what makes each, called as `make_core` calls a factory."""

from collections.abc import Callable
from functools import partial
from math import prod
from typing import Any

from torch import nn

from rlkit.lazy import resolve
from rlkit.names import unknown
from rlkit.nets.core import Core, Encoded, Feedforward
from rlkit.nets.feedforward import MLP

ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {
    "tanh": nn.Tanh,
    "relu": nn.ReLU,
    "gelu": nn.GELU,
    "silu": nn.SiLU,
    "elu": nn.ELU,
}
"""Activations of an MLP that have a name."""


def _mlp(input_shape: tuple[int, ...], activation: Any = nn.Tanh, **settings: Any) -> Core:
    """Make an MLP; an activation by name fits into files and commands."""
    if isinstance(activation, str):
        if activation not in ACTIVATIONS:
            raise KeyError(unknown("activation", activation, ACTIVATIONS))
        activation = ACTIVATIONS[activation]
    network = MLP(prod(input_shape), activation=activation, **settings)
    return Feedforward(nn.Sequential(nn.Flatten(), network), input_shape)


def _lenet(input_shape: tuple[int, ...]) -> Core:
    if len(input_shape) != 3:
        raise ValueError(f"lenet reads images (maps, 32, 32); got the shape {input_shape}")
    from rlkit.nets.convolution import LeNet5

    return Feedforward(LeNet5(nn.Identity(), in_channels=input_shape[0]), input_shape)


def _image(network: str, shape: tuple[int, ...], **settings: Any) -> Core:
    return Feedforward(resolve(network)(shape, **settings), shape)


def _flat(core: Core, shape: tuple[int, ...]) -> Core:
    """Return a core that reads vectors as one that reads observations of a shape."""
    return core if len(shape) == 1 else Encoded(nn.Flatten(), core, shape)


def _transformer(shape: tuple[int, ...], **settings: Any) -> Core:
    from rlkit.nets.attention import Transformer

    return _flat(Transformer(prod(shape), **settings), shape)


def _gtrxl(shape: tuple[int, ...], **settings: Any) -> Core:
    from rlkit.nets.attention import Gated

    return _transformer(shape, **{"residual": Gated, **settings})


def _recurrent(layer: str, shape: tuple[int, ...], **settings: Any) -> Core:
    from rlkit.nets.recurrent import Recurrent

    return _flat(Recurrent(resolve(layer)(prod(shape), **settings)), shape)


def _cells(
    cell: str, shape: tuple[int, ...], hidden_size: int = 128, layers: int = 1, **settings: Any
) -> Core:
    from rlkit.nets.recurrent import Cells, Recurrent

    kind, sizes = resolve(cell), [prod(shape)] + [hidden_size] * (layers - 1)
    return _flat(Recurrent(Cells(*(kind(size, hidden_size, **settings) for size in sizes))), shape)


def _variational_lstm(
    shape: tuple[int, ...],
    *,
    keep_input: float = 0.9,
    keep_hidden: float = 0.9,
    keep_output: float = 0.9,
    mask_seed: int = 0,
    **settings: Any,
) -> Core:
    from rlkit.nets.regularisers import VariationalDropout

    dropped = VariationalDropout(
        _cells("rlkit.nets.recurrent:LSTMCell", (prod(shape),), **settings),
        keep_input=keep_input,
        keep_hidden=keep_hidden,
        keep_output=keep_output,
        mask_seed=mask_seed,
    )
    return _flat(dropped, shape)


# Strings, resolved on use: whoever makes an MLP imports no other network.
_IMAGES = {
    "cnn": "NatureCNN",
    "impala": "ImpalaCNN",
    "residual-cnn": "ResidualCNN",
    "inception": "InceptionCNN",
}
_LAYERS = {"srn": "SRN", "lstm": "LSTM", "gru": "GRU"}
_CELLS = {
    "logistic-srn": "SRNCell",
    "linear-residual-srn": "LinearResidualCell",
    "residual-srn": "ResidualCell",
    "layer-norm-srn": "LayerNormSRNCell",
    "no-forget-lstm": "NoForgetLSTMCell",
    "coupled-lstm": "CoupledLSTMCell",
    "peephole-lstm": "PeepholeLSTMCell",
    "layer-norm-lstm": "LayerNormLSTMCell",
    "textbook-gru": "TextbookGRUCell",
    "layer-norm-gru": "LayerNormGRUCell",
}
CORES: dict[str, Callable[..., Core]] = {
    "mlp": _mlp,
    "lenet": _lenet,
    "transformer": _transformer,
    "gtrxl": _gtrxl,
    "variational-lstm": _variational_lstm,
    **{n: partial(_image, f"rlkit.nets.convolution:{kind}") for n, kind in _IMAGES.items()},
    **{n: partial(_recurrent, f"rlkit.nets.recurrent:{kind}") for n, kind in _LAYERS.items()},
    **{n: partial(_cells, f"rlkit.nets.recurrent:{kind}") for n, kind in _CELLS.items()},
}
"""Name to factory."""
