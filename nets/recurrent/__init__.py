"""Recurrent networks: layers, cells, and the core that forgets at episode boundaries. Chapter 6."""

from rlkit.nets.recurrent.bidirectional import Bidirectional
from rlkit.nets.recurrent.cells import (
    Cell,
    Cells,
    CoupledLSTMCell,
    LinearResidualCell,
    LSTMCell,
    NoForgetLSTMCell,
    PeepholeLSTMCell,
    ResidualCell,
    SRNCell,
    TextbookGRUCell,
)
from rlkit.nets.recurrent.core import Recurrent, RecurrentLayer
from rlkit.nets.recurrent.layers import GRU, LSTM, SRN, remember_up_to
from rlkit.nets.recurrent.normalised import (
    LayerNormGRUCell,
    LayerNormLSTMCell,
    LayerNormSRNCell,
)

__all__ = [
    "GRU",
    "LSTM",
    "SRN",
    "Bidirectional",
    "Cell",
    "Cells",
    "CoupledLSTMCell",
    "LSTMCell",
    "LayerNormGRUCell",
    "LayerNormLSTMCell",
    "LayerNormSRNCell",
    "LinearResidualCell",
    "NoForgetLSTMCell",
    "PeepholeLSTMCell",
    "Recurrent",
    "RecurrentLayer",
    "ResidualCell",
    "SRNCell",
    "TextbookGRUCell",
    "remember_up_to",
]
