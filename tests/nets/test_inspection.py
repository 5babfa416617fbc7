"""Looking inside: arrays against values known by construction, and pictures that hold them."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from rlkit.nets import (
    GRU,
    LSTM,
    SRN,
    AdditiveScore,
    Cells,
    CoupledLSTMCell,
    Recurrent,
    ResidualUnit,
    Seq2Seq,
    SoftAttention,
    TextbookGRUCell,
    TransformerEncoder,
    attention_maps,
    dead_units,
    draw_attention,
    draw_dead_units,
    draw_gates,
    draw_gradient,
    gate_traces,
    gradient_through_time,
    make_core,
    padding_mask,
)

T, B = 6, 2


def unrolled(core: Any) -> tuple[Tensor, Any, Tensor]:
    reset = torch.zeros(T, B)
    reset[3, 1] = 1
    return torch.randn(T, B, *core.input_shape), core.initial_state(B), reset


def test_attention_maps_of_a_stack_are_distributions_over_what_is_visible() -> None:
    net = TransformerEncoder(8, 2, layers=2, hidden_size=16)
    maps = attention_maps(net, torch.randn(B, 5, 8), padding_mask(torch.tensor([5, 3]), 5))
    assert list(maps) == ["blocks.0.attention", "blocks.1.attention"]
    for weights in maps.values():
        assert weights.shape == (B, 2, 5, 5)
        np.testing.assert_allclose(weights.sum(axis=-1), 1, atol=1e-6)
        assert weights[1, :, :, 3:].max() == 0
    assert net.training


def test_attention_maps_of_the_core_stay_in_the_episode() -> None:
    core = make_core("transformer", (3,), model_size=8, heads=2, memory=4)
    x, state, reset = unrolled(core)
    weights = attention_maps(core, x, state, reset)["blocks.0.attention"]
    assert weights.shape == (B, 2, T, 4 + T)
    np.testing.assert_allclose(weights.sum(axis=-1), 1, atol=1e-6)
    steps = np.arange(-4, T)
    for t in range(T):
        for row, first in ((0, 0), (1, 3 if t >= 3 else 0)):
            seen = (steps >= max(first, t - 4)) & (steps <= t)
            assert (weights[row, :, t, ~seen] == 0).all()
            assert (weights[row, :, t, seen] > 0).all()


def test_the_maps_of_the_fused_kernel_explain_its_output() -> None:
    """Weights times values, through the output layer, is what the attention returned."""
    core: Any = make_core("transformer", (3,), model_size=8, heads=2, layers=1, memory=4).double()
    returned: list[Any] = []
    attention = core.blocks[0].attention
    attention.register_forward_hook(lambda *call: returned.append(call[2]))
    x = torch.randn(T, B, 3, dtype=torch.float64)
    weights = attention_maps(core, x, core.initial_state(B), torch.zeros(T, B))
    y, known = returned[0]
    means = torch.as_tensor(weights["blocks.0.attention"]) @ known[:, :, 8:].reshape(
        B, -1, 2, 4
    ).transpose(1, 2)
    torch.testing.assert_close(attention.output(means.transpose(1, 2).flatten(2)), y)


def test_attention_maps_of_a_decoder_have_a_query_a_step() -> None:
    net = Seq2Seq(5, 5, SoftAttention(AdditiveScore(6, 12, 4)), hidden_size=6)
    source, lengths = torch.ones(B, 4, dtype=torch.int64), torch.tensor([4, 2])
    maps = attention_maps(net, source, lengths, torch.ones(B, 3, dtype=torch.int64))
    assert maps["attention"].shape == (B, 3, 4)
    assert maps["attention"][1, :, 2:].max() == 0
    with pytest.raises(ValueError, match="Linear attended to nothing"):
        attention_maps(nn.Linear(2, 2), torch.zeros(1, 2))


@pytest.mark.parametrize("layers", [1, 2])
def test_traced_lstm_gates_reproduce_the_cell(layers: int) -> None:
    core = Recurrent(LSTM(3, 4, layers=layers)).double()
    x, state, reset = unrolled(core)
    x = x.double()
    gates = gate_traces(core, x, state, reset)
    assert set(gates) == {"input", "forget", "candidate", "output"}
    c = np.zeros((B, layers, 4))
    for t in range(T):
        c = c * (1 - reset[t].numpy())[:, None, None]
        c = gates["forget"][t] * c + gates["input"][t] * gates["candidate"][t]
        h = gates["output"][t] * np.tanh(c)
    y, (_, last) = core.unroll(x, state, reset)
    np.testing.assert_allclose(h[:, -1], y[-1].detach().numpy(), atol=1e-12)
    np.testing.assert_allclose(c, last.detach().numpy(), atol=1e-12)


@pytest.mark.parametrize("layer", [GRU(3, 4), Cells(TextbookGRUCell(3, 4))])
def test_traced_gru_gates_reproduce_the_state(layer: Any) -> None:
    core = Recurrent(layer).double()
    x, state, reset = unrolled(core)
    x = x.double()
    gates = gate_traces(core, x, state, reset)
    h = np.zeros((B, 1, 4))
    for t in range(T):
        h = h * (1 - reset[t].numpy())[:, None, None]
        h = gates["update"][t] * h + (1 - gates["update"][t]) * gates["candidate"][t]
    np.testing.assert_allclose(
        h[:, 0], core.unroll(x, state, reset)[0][-1].detach().numpy(), atol=1e-12
    )


def test_gates_of_other_cells_and_of_none() -> None:
    core = Recurrent(Cells(CoupledLSTMCell(3, 4)))
    assert set(gate_traces(core, *unrolled(core))) == {"input", "candidate", "output"}
    plain = Recurrent(SRN(3, 4))
    with pytest.raises(ValueError, match="SRN has no gates"):
        gate_traces(plain, *unrolled(plain))


def test_the_gradient_through_time_is_a_product_of_jacobians() -> None:
    core = Recurrent(SRN(3, 4)).double()
    layer: Any = core.layer
    W, U, *_ = layer.kernel.parameters()
    x, state, reset = unrolled(core)
    x = x.double()
    norms = gradient_through_time(core, x, state, reset)
    y, _ = core.unroll(x, state, reset)
    for row, first in ((0, 0), (1, 3)):
        product = torch.eye(4, dtype=torch.float64)
        for t in reversed(range(T)):
            product = product @ torch.diag(1 - y[t, row] ** 2)  # dz_t
            expected = (product @ W).norm().item() if t >= first else 0.0
            assert norms[t, row] == pytest.approx(expected, abs=1e-12)
            product = product @ U


def test_dead_units_are_those_that_never_fire() -> None:
    net = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2), nn.Tanh())
    linear: Any = net[0]
    with torch.no_grad():
        linear.bias.copy_(torch.tensor([100.0, -100.0, 100.0, -100.0]))
        linear.weight[2], linear.bias[2] = 0.0, 1.0
    dead = dead_units(net, torch.randn(20, 3))
    assert list(dead) == ["1"]
    assert dead["1"].tolist() == [False, True, False, True]
    assert dead_units(net, torch.randn(20, 3), threshold=0.1)["1"].tolist() == [False] + [True] * 3
    with pytest.raises(ValueError, match="no activations of the kinds ReLU"):
        dead_units(nn.Linear(2, 2), torch.zeros(1, 2))


def test_a_dead_map_of_a_convolution_is_one_unit() -> None:
    unit: Any = ResidualUnit(2, 3)
    with torch.no_grad():
        unit.residual[0].bias.copy_(torch.tensor([9.0, -99.0, 9.0]))
    dead = dead_units(unit, torch.randn(4, 2, 5, 5))
    assert dead["residual.1"].tolist() == [False, True, False]
    assert dead["activation"].shape == (3,)


def test_pictures_hold_the_arrays() -> None:
    weights = np.random.default_rng(0).random((B, 3, 4, 5))
    figure = draw_attention(weights, row=1)
    assert [axes.get_title() for axes in figure.axes] == ["head 0", "head 1", "head 2"]
    np.testing.assert_array_equal(figure.axes[2].images[0].get_array(), weights[1, 2])
    assert len(draw_attention(weights[:, 0]).axes) == 1

    core = Recurrent(LSTM(3, 4, layers=2))
    gates = gate_traces(core, *unrolled(core))
    figure = draw_gates(gates, row=1, layer=1)
    assert [axes.get_title() for axes in figure.axes] == list(gates)
    np.testing.assert_array_equal(figure.axes[1].images[0].get_array(), gates["forget"][:, 1, 1].T)

    norms = gradient_through_time(core, *unrolled(core))
    lines = draw_gradient(norms).axes[0].lines
    np.testing.assert_array_equal(lines[0].get_ydata(), norms[:, 0])
    assert len(lines) == B

    dead = {"first": np.array([True, False, False, False]), "second": np.array([True, True])}
    bars: Any = draw_dead_units(dead).axes[0].patches
    assert [bar.get_width() for bar in bars] == [0.25, 1.0]
