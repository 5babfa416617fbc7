"""Every parameter counts once, and every pass through a layer."""

from typing import Any

import pytest

torch = pytest.importorskip("torch")

from torch import Tensor, nn  # noqa: E402
from torch.nn import functional  # noqa: E402

from rlkit.nets import (  # noqa: E402
    Cells,
    Gated,
    MultiHeadAttention,
    PeepholeLSTMCell,
    Recurrent,
    TextbookGRUCell,
    TransformerEncoder,
    core_names,
    make_core,
    summary,
)
from rlkit.nets.seq2seq import SynchronousSeq2Seq  # noqa: E402


def trained(network: nn.Module) -> int:
    return sum(p.numel() for p in network.parameters() if p.requires_grad)


class Played(nn.Module):
    """A core, from its first state on."""

    def __init__(self, core: Any) -> None:
        super().__init__()
        self.core = core

    def forward(self, x: Tensor) -> Tensor:
        """Read one step."""
        y, _ = self.core(x[None], self.core.initial_state(len(x)), torch.zeros(1, len(x)))
        return y[0]  # type: ignore[no-any-return]


SHAPES = {"lenet": (1, 32, 32), "cnn": (4, 84, 84)}
IMAGES = {"impala", "residual-cnn", "inception"}


@pytest.mark.parametrize("name", core_names())
def test_every_parameter_of_every_core_counts_once(name: str) -> None:
    core = make_core(name, SHAPES.get(name, (3, 32, 32) if name in IMAGES else (5,)), seed=0)
    counted = summary(Played(core), core.input_shape)
    assert counted.parameters == trained(core)
    assert counted.macs > 0


@pytest.mark.parametrize("fused", [nn.LSTM, nn.GRU, nn.RNN])
def test_recurrent_layers_count_every_step(fused: Any) -> None:
    """W x and U h of each step: 7 steps, 3 inputs, 4 units, and the gates."""
    layer = fused(3, 4, batch_first=True)
    gates = {nn.LSTM: 4, nn.GRU: 3, nn.RNN: 1}[fused]
    counted = summary(layer, torch.zeros(2, 7, 3))
    assert counted.macs == 7 * gates * 4 * (3 + 4)
    assert counted.parameters == gates * 4 * (3 + 4 + 2)


@pytest.mark.parametrize(("kind", "gates"), [(TextbookGRUCell, 3), (PeepholeLSTMCell, 4)])
def test_weights_that_are_used_and_not_called_count(kind: Any, gates: int) -> None:
    """U of a cell; time comes first, so a step is one of the batch. The head: 6 times 2."""
    network = SynchronousSeq2Seq(Recurrent(Cells(kind(4, 6))), 2)
    counted = summary(network, torch.zeros(7, 1, 4))
    assert counted.parameters == trained(network)
    assert counted.macs == gates * 6 * (4 + 6) + 6 * 2
    (used,) = [layer for layer in counted.layers if layer.name.endswith("from_hidden")]
    assert (used.parameters, used.macs) == (gates * 36, gates * 36)


def test_a_layer_counts_as_often_as_it_is_passed() -> None:
    tied = nn.Linear(4, 4)
    counted = summary(nn.Sequential(tied, nn.ReLU(), tied, tied), torch.zeros(3, 4))
    assert (counted.parameters, counted.macs) == (20, 48)
    assert len(counted.layers) == 1


class TiedEmbedding(nn.Module):
    """Scores words by the product with their embeddings."""

    def __init__(self) -> None:
        super().__init__()
        self.words = nn.Embedding(10, 4)
        self.scores = nn.Linear(4, 10, bias=False)
        self.scores.weight = self.words.weight
        self.scale = nn.Parameter(torch.ones(1))
        self.unused = nn.Linear(2, 2)
        self.fixed = nn.Linear(3, 3).requires_grad_(False)

    def forward(self, x: Tensor) -> Tensor:
        """Map `(N, 4)` to `(N, 10)`."""
        again = functional.linear(x, self.words.weight)
        return self.scores(x) * self.scale + again  # type: ignore[no-any-return]


def test_tied_own_unused_and_fixed_parameters() -> None:
    network = TiedEmbedding()
    counted = summary(network, (4,))
    assert counted.parameters == trained(network) == 40 + 1 + 6
    assert counted.macs == 2 * 40
    assert [layer.output for layer in counted.layers if layer.name == "unused"] == [()]
    assert "unused" in str(counted)


def test_attention_counts_its_products() -> None:
    """Four maps of 16 by 16 for 5 places, and twice 5 by 5 products of 16."""
    attention = MultiHeadAttention(16, 2)

    class Itself(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.attention = attention

        def forward(self, x: Tensor) -> Tensor:
            return self.attention(x, x, x)  # type: ignore[no-any-return]

    expected = 5 * 4 * 16 * 16 + 2 * 5 * 5 * 16
    assert summary(Itself(), torch.zeros(3, 5, 16)).macs == expected
    theirs = nn.TransformerEncoderLayer(16, 2, 32, batch_first=True)
    assert summary(theirs, torch.zeros(3, 5, 16)).macs == expected + 5 * 2 * 16 * 32
    assert summary(theirs, torch.zeros(3, 5, 16)).parameters == trained(theirs)


def test_gates_between_blocks_count() -> None:
    network = TransformerEncoder(16, 2, 2, 32, 0.0, Gated)
    assert summary(network, torch.zeros(2, 5, 16)).parameters == trained(network)


@pytest.mark.parametrize("transposed", [False, True])
def test_convolutions_count_the_weights_of_every_place(transposed: bool) -> None:
    kind = nn.ConvTranspose2d if transposed else nn.Conv2d
    layer = kind(4, 6, 3, stride=2, groups=2)
    y = layer(torch.zeros(1, 4, 9, 9))
    places = 9 * 9 if transposed else y.shape[-1] ** 2
    counted = summary(layer, torch.zeros(2, 4, 9, 9))
    assert counted.macs == places * layer.weight.numel()
