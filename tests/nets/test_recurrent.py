"""Chapter 6: recurrent layers by their formulas, in float64, and by PyTorch's own."""

from functools import partial
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from rlkit.nets import (
    GRU,
    LSTM,
    SRN,
    Bidirectional,
    Cell,
    Cells,
    CoupledLSTMCell,
    LayerNormGRUCell,
    LayerNormLSTMCell,
    LayerNormSRNCell,
    LinearResidualCell,
    NoForgetLSTMCell,
    PeepholeLSTMCell,
    Recurrent,
    ResidualCell,
    SRNCell,
    TextbookGRUCell,
    remember_up_to,
)

E, D, T, B = 3, 4, 6, 2
sigma = torch.sigmoid


def randomise(net: nn.Module) -> None:
    net.double()
    generator = torch.Generator().manual_seed(5)
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator) * 0.5)


def inputs(size: int = E) -> Tensor:
    generator = torch.Generator().manual_seed(6)
    return torch.randn(T, B, size, generator=generator, dtype=torch.float64)


def states(count: int, layers: int = 1) -> tuple[Tensor, ...]:
    generator = torch.Generator().manual_seed(7)
    shape = (B, layers, D)
    return tuple(torch.randn(shape, generator=generator, dtype=torch.float64) for _ in range(count))


def matrices(cell: Cell) -> dict[str, tuple[Tensor, Tensor, Tensor]]:
    """W, U and b of each gate."""
    blocks = len(cell.names)
    W, U = cell.from_input.weight.chunk(blocks), cell.from_hidden.weight.chunk(blocks)
    bias: Tensor | None = cell.from_input.bias
    b = torch.zeros(blocks * D).chunk(blocks) if bias is None else bias.chunk(blocks)
    return dict(zip(cell.names, zip(W, U, b, strict=True), strict=True))


def run(layer: nn.Module, x: Tensor, state: tuple[Tensor, ...]) -> Tensor:
    y: Tensor = layer(x, state)[0]
    return y


@pytest.mark.parametrize("nonlinearity", ["tanh", "relu"])
def test_srn_is_its_formula(nonlinearity: str) -> None:
    layer = SRN(E, D, nonlinearity=nonlinearity)
    randomise(layer)
    W, U, b, c = layer.kernel.parameters()
    (h,) = (part[:, 0] for part in states(1))
    expected = []
    for x in inputs():
        h = getattr(torch, nonlinearity)(h @ U.T + x @ W.T + b + c)
        expected.append(h)
    torch.testing.assert_close(run(layer, inputs(), states(1)), torch.stack(expected))
    assert sum(p.numel() for p in layer.parameters()) == D * (D + E + 2)
    assert sum(p.numel() for p in SRNCell(E, D).parameters()) == D * (D + E + 1)


def test_a_logistic_srn_is_its_formula() -> None:
    cell = SRNCell(E, D)
    randomise(cell)
    ((W, U, b),) = matrices(cell).values()
    (h,) = (part[:, 0] for part in states(1))
    expected = []
    for x in inputs():
        h = sigma(h @ U.T + x @ W.T + b)
        expected.append(h)
    torch.testing.assert_close(run(Cells(cell), inputs(), states(1)), torch.stack(expected))


def test_backpropagation_through_time_by_the_formula() -> None:
    """dL/dU = sum over k of delta_k h_(k-1)', delta_(k-1) = diag(f'(z)) U' delta_k + ..."""
    cell = SRNCell(E, D, nonlinearity=torch.tanh)
    randomise(cell)
    layer = Cells(cell)
    (start,) = states(1)
    y = run(layer, inputs(), (start,))
    weight = torch.randn(T, B, D, dtype=torch.float64)  # dL/dy
    (y * weight).sum().backward()
    ((_, U, _),) = matrices(cell).values()
    before = torch.cat([start[:, 0].unsqueeze(0), y[:-1]]).detach()
    slopes = (1 - y**2).detach()
    delta, gradient = torch.zeros(B, D, dtype=torch.float64), torch.zeros_like(U)
    for k in reversed(range(T)):
        delta = slopes[k] * (weight[k] + delta @ U.detach() if k < T - 1 else weight[k])
        gradient += delta.T @ before[k]
    torch.testing.assert_close(cell.from_hidden.weight.grad, gradient.detach())


def test_truncated_backpropagation_stops_where_the_state_is_detached() -> None:
    core = Recurrent(SRN(E, D))
    x = inputs().float().requires_grad_()
    none = torch.zeros(T, B)
    _, state = core.unroll(x[:3], core.initial_state(B), none[:3])
    y, _ = core.unroll(x[3:], tuple(part.detach() for part in state), none[3:])
    (gradient,) = torch.autograd.grad(y.sum(), x)
    assert gradient[:3].abs().max() == 0
    assert gradient[3:].abs().min() > 0


@pytest.mark.parametrize(("cell", "names"), [(LinearResidualCell, 1), (ResidualCell, 1)])
def test_residual_cells_pass_gradients_as_the_identity(cell: type[Cell], names: int) -> None:
    built = cell(E, D)
    built.double()
    if cell is ResidualCell:
        nn.init.zeros_(built.from_hidden.weight)
    (start,) = states(1)
    start.requires_grad_()
    y = run(Cells(built), inputs(), (start,))
    jacobian = [torch.autograd.grad(y[-1, 0, i], start, retain_graph=True)[0] for i in range(D)]
    torch.testing.assert_close(
        torch.stack(jacobian)[:, 0, 0], torch.eye(D, dtype=torch.float64), atol=0, rtol=0
    )
    assert len(built.names) == names


def test_residual_cells_are_their_formulas() -> None:
    linear, nonlinear = LinearResidualCell(E, D), ResidualCell(E, D)
    randomise(linear)
    randomise(nonlinear)
    (start,) = states(1)
    gates = linear.from_input
    expected = start[:, 0] + torch.tanh(gates(inputs())).cumsum(dim=0)
    torch.testing.assert_close(run(Cells(linear), inputs(), (start,)), expected)
    ((W, U, b),) = matrices(nonlinear).values()
    h = start[:, 0]
    for x in inputs():
        h = h + torch.tanh(h @ U.T + x @ W.T + b)
    torch.testing.assert_close(run(Cells(nonlinear), inputs(), (start,))[-1], h)


def lstm_by_formula(
    gates: dict[str, tuple[Tensor, Tensor, Tensor]],
    peephole: tuple[Tensor, Tensor, Tensor] | None = None,
) -> Tensor:
    """Eq. 6.51-6.59 and section 6.6.2, one gate at a time."""
    h, c = (part[:, 0] for part in states(2))
    v_i, v_f, v_o = peephole or (torch.zeros(D, dtype=torch.float64),) * 3
    outputs = []
    for x in inputs():
        z = {name: x @ W.T + h @ U.T + b for name, (W, U, b) in gates.items()}
        i = sigma(z["input"] + v_i * c)
        f = sigma(z["forget"] + v_f * c) if "forget" in z else torch.ones_like(i)
        c = f * c + i * torch.tanh(z["candidate"])
        h = sigma(z["output"] + v_o * c) * torch.tanh(c)
        outputs.append(h)
    return torch.stack(outputs)


def test_lstm_is_its_formula_with_gates_in_pytorchs_order() -> None:
    layer = LSTM(E, D)
    randomise(layer)
    W, U, b, b2 = (parameter.chunk(4) for parameter in layer.kernel.parameters())
    names = ("input", "forget", "candidate", "output")
    gates = {name: (W[k], U[k], b[k] + b2[k]) for k, name in enumerate(names)}
    torch.testing.assert_close(run(layer, inputs(), states(2)), lstm_by_formula(gates))
    assert sum(p.numel() for p in layer.parameters()) == 4 * D * (D + E + 2)


def test_gates_let_nothing_or_everything_pass() -> None:
    layer: Any = LSTM(E, D).double()
    h, c = states(2)
    with torch.no_grad():
        for parameter in layer.kernel.parameters():
            parameter.zero_()
        i, f, _, o = layer.kernel.bias_ih_l0.chunk(4)
        i.fill_(-1e3), f.fill_(1e3), o.fill_(1e3)
    y, (_, kept) = layer(inputs(), (h, c))
    torch.testing.assert_close(kept, c)
    torch.testing.assert_close(y[-1], torch.tanh(c[:, 0]))
    with torch.no_grad():
        f.fill_(-1e3)
    assert layer(inputs(), (h, c))[1][1].abs().max() == 0


@pytest.mark.parametrize("layers", [1, 2])
def test_the_forget_bias_stands_in_every_layer_and_keeps_memories(layers: int) -> None:
    for bias, least, most in [(0.0, 0.0, 1e-15), (1.0, 1e-15, 1e-6), (2.0, 1e-6, 1.0)]:
        layer: Any = LSTM(8, 16, layers=layers, forget_bias=bias)
        for index in range(layers):
            parameters = dict(layer.kernel.named_parameters())
            total = parameters[f"bias_ih_l{index}"] + parameters[f"bias_hh_l{index}"]
            assert total.tolist() == [0.0] * 16 + [bias] * 16 + [0.0] * 32
        # |dc_100 / dc_0| without inputs is about sigma(b)^100: 8e-31, 2e-14, 3e-6
        layer = LSTM(8, 16, forget_bias=bias).double()
        with torch.no_grad():
            layer.kernel.weight_hh_l0.mul_(0.1)
        c = torch.zeros(1, 1, 16, dtype=torch.float64, requires_grad=True)
        x = torch.zeros(100, 1, 8, dtype=torch.float64)
        _, (_, last) = layer(x, (torch.zeros_like(c), c))
        norm = torch.autograd.grad(last.sum(), c)[0].norm()
        assert least < norm < most


def test_spans_of_memory_are_uniform_and_input_gates_closed_by_as_much() -> None:
    layer: Any = LSTM(4, 300, layers=2)
    remember_up_to(layer, 101)
    for bias in (layer.kernel.bias_ih_l0, layer.kernel.bias_ih_l1):
        i, f, g, o = bias.detach().chunk(4)
        assert torch.equal(i, -f)
        assert g.abs().max() + o.abs().max() == 0
        assert f.exp().min() >= 1.0
        assert f.exp().max() <= 100.001
        assert f.exp().mean().item() == pytest.approx(50.5, abs=4 * 28.6 / 300**0.5)
    with pytest.raises(ValueError, match="at least 3 steps; got 2"):
        remember_up_to(layer, 2)


def test_peephole_coupled_and_forgetless_lstm_are_their_formulas() -> None:
    peephole = PeepholeLSTMCell(E, D)
    randomise(peephole)
    diagonals = (peephole.peephole_input, peephole.peephole_forget, peephole.peephole_output)
    expected = lstm_by_formula(matrices(peephole), diagonals)
    torch.testing.assert_close(run(Cells(peephole), inputs(), states(2)), expected)

    forgetless = NoForgetLSTMCell(E, D)
    randomise(forgetless)
    expected = lstm_by_formula(matrices(forgetless))
    torch.testing.assert_close(run(Cells(forgetless), inputs(), states(2)), expected)

    coupled = CoupledLSTMCell(E, D)
    randomise(coupled)
    gates = matrices(coupled)
    W, U, b = gates["input"]
    expected = lstm_by_formula(gates | {"forget": (-W, -U, -b)})  # sigma(-z) = 1 - sigma(z)
    torch.testing.assert_close(run(Cells(coupled), inputs(), states(2)), expected)


def test_variants_reach_the_lstm_in_the_limit() -> None:
    """Without peepholes, and with a forget gate held open, all are one network."""
    reference: Any = LSTM(E, D)
    randomise(reference)
    cell = PeepholeLSTMCell(E, D)
    cell.double()
    forgetless = NoForgetLSTMCell(E, D)
    forgetless.double()
    kept = [0, 1, 2, 3, 8, 9, 10, 11, 12, 13, 14, 15]
    with torch.no_grad():
        reference.kernel.bias_hh_l0.zero_()
        reference.kernel.bias_ih_l0[D : 2 * D] = 1e3
        W, U, b, _ = reference.kernel.parameters()
        cell.from_input.weight.copy_(W), cell.from_hidden.weight.copy_(U)
        cell.from_input.bias.copy_(b)
        forgetless.from_input.weight.copy_(W[kept]), forgetless.from_hidden.weight.copy_(U[kept])
        forgetless.from_input.bias.copy_(b[kept])
    expected = run(reference, inputs(), states(2))
    torch.testing.assert_close(run(Cells(cell), inputs(), states(2)), expected)
    torch.testing.assert_close(run(Cells(forgetless), inputs(), states(2)), expected)


def test_the_chapters_gru_is_its_formula() -> None:
    cell = TextbookGRUCell(E, D)
    randomise(cell)
    gates = matrices(cell)
    (h,) = (part[:, 0] for part in states(1))
    expected = []
    for x in inputs():
        r, z = (sigma(x @ W.T + h @ U.T + b) for W, U, b in (gates["reset"], gates["update"]))
        W, U, b = gates["candidate"]
        candidate = torch.tanh(x @ W.T + (r * h) @ U.T + b)
        h = z * h + (1 - z) * candidate
        expected.append(h)
    torch.testing.assert_close(run(Cells(cell), inputs(), states(1)), torch.stack(expected))


def test_both_grus_agree_where_the_reset_gate_is_open_and_only_there() -> None:
    layer, cell = GRU(E, D), TextbookGRUCell(E, D)
    randomise(layer)
    cell.double()
    W, U, b, b2 = layer.kernel.parameters()
    with torch.no_grad():
        b2[2 * D :] = 0.0  # the chapter has no bias inside the reset
        cell.from_input.weight.copy_(W), cell.from_hidden.weight.copy_(U)
        cell.from_input.bias.copy_(b + b2)
    apart = run(layer, inputs(), states(1)) - run(Cells(cell), inputs(), states(1))
    assert apart.abs().max() > 0.01
    with torch.no_grad():
        b[:D], cell.from_input.bias[:D] = 1e3, 1e3
    expected = run(layer, inputs(), states(1))
    torch.testing.assert_close(run(Cells(cell), inputs(), states(1)), expected)


def test_layer_norm_srn_is_its_formula() -> None:
    cell = LayerNormSRNCell(E, D)
    randomise(cell)
    W, U = cell.from_input.weight, cell.from_hidden.weight
    (h,) = (part[:, 0] for part in states(1))
    for x in inputs():
        z = h @ U.T + x @ W.T
        centred = z - z.mean(dim=1, keepdim=True)
        unit = centred / (centred.square().mean(dim=1, keepdim=True) + 1e-5).sqrt()
        h = torch.tanh(unit * cell.norm.weight + cell.norm.bias)
    torch.testing.assert_close(run(Cells(cell), inputs(), states(1))[-1], h)


def unit(z: Tensor) -> Tensor:
    return (z - z.mean(-1, keepdim=True)) / (z.var(-1, correction=0, keepdim=True) + 1e-5).sqrt()


def test_layer_norm_lstm_is_its_formula() -> None:
    cell = LayerNormLSTMCell(E, D)
    randomise(cell)
    h, c = (part[:, 0] for part in states(2))
    for x in inputs():
        z = unit(x @ cell.from_input.weight.T) * cell.norm_input.weight + cell.norm_input.bias
        z = z + unit(h @ cell.from_hidden.weight.T) * cell.norm_hidden.weight
        i, f, g, o = z.chunk(4, dim=1)
        c = sigma(f) * c + sigma(i) * torch.tanh(g)
        h = sigma(o) * torch.tanh(unit(c) * cell.norm_cell.weight + cell.norm_cell.bias)
    torch.testing.assert_close(run(Cells(cell), inputs(), states(2))[-1], h)


def test_layer_norm_gru_is_its_formula() -> None:
    cell = LayerNormGRUCell(E, D)
    randomise(cell)
    (h,) = (part[:, 0] for part in states(1))
    W, U = cell.from_input.weight, cell.from_hidden.weight
    for x in inputs():
        gates = unit(x @ W[: 2 * D].T) * cell.norm_input_gates.weight + cell.norm_input_gates.bias
        gates = gates + unit(h @ U[: 2 * D].T) * cell.norm_gates.weight
        r, z = sigma(gates).chunk(2, dim=1)
        new, old = cell.norm_input_candidate, cell.norm_candidate
        candidate = unit(x @ W[2 * D :].T) * new.weight + new.bias
        candidate = torch.tanh(candidate + r * unit(h @ U[2 * D :].T) * old.weight)
        h = z * h + (1 - z) * candidate
    torch.testing.assert_close(run(Cells(cell), inputs(), states(1))[-1], h)


def test_layer_normalised_sums_have_mean_0_and_variance_1_at_every_step() -> None:
    cell = LayerNormLSTMCell(E, D).double()
    seen: list[Tensor] = []
    cell.norm_hidden.register_forward_hook(lambda *call: seen.append(call[2].detach()))
    run(Cells(cell), 100 * inputs(), states(2))
    assert len(seen) == T
    for z in seen:
        torch.testing.assert_close(z.mean(1), torch.zeros(B, dtype=torch.float64))
        torch.testing.assert_close(
            z.var(1, correction=0), torch.ones(B, dtype=torch.float64), atol=1e-3, rtol=0
        )


def test_a_stack_reads_the_layer_below() -> None:
    fused = SRN(E, D, layers=2)
    randomise(fused)
    cells = [SRNCell(E, D, torch.tanh), SRNCell(D, D, torch.tanh)]
    parameters = dict(fused.kernel.named_parameters())
    with torch.no_grad():
        for index, cell in enumerate(cells):
            cell.double()
            cell.from_input.weight.copy_(parameters[f"weight_ih_l{index}"])
            cell.from_hidden.weight.copy_(parameters[f"weight_hh_l{index}"])
            bias = parameters[f"bias_ih_l{index}"] + parameters[f"bias_hh_l{index}"]
            cell.from_input.bias.copy_(bias)
    expected = fused(inputs(), states(1, layers=2))
    torch.testing.assert_close(Cells(*cells)(inputs(), states(1, layers=2)), expected)
    with pytest.raises(ValueError, match="each reads the one below"):
        Cells(SRNCell(E, D), SRNCell(E, D))


def test_both_directions_are_pytorchs_and_mirror_each_other() -> None:
    reference = nn.LSTM(E, D, bidirectional=True).double()
    net = Bidirectional(LSTM(E, D), LSTM(E, D)).double()
    names = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
    with torch.no_grad():
        for name in names:
            for core, suffix in ((net.onward, ""), (net.backward, "_reverse")):
                target = core.get_parameter(f"layer.kernel.{name}")
                target.copy_(reference.get_parameter(name + suffix))
    torch.testing.assert_close(net(inputs()), reference(inputs())[0])
    swapped = Bidirectional(LSTM(E, D), LSTM(E, D)).double()
    swapped.onward.load_state_dict(net.backward.state_dict())
    swapped.backward.load_state_dict(net.onward.state_dict())
    mirrored = swapped(inputs().flip(0)).flip(0)
    torch.testing.assert_close(mirrored.roll(D, dims=2), net(inputs()))
    with pytest.raises(ValueError, match="got input sizes 3 and 4"):
        Bidirectional(LSTM(3, D), LSTM(4, D))


def test_neither_direction_looks_across_a_reset() -> None:
    net = Bidirectional(GRU(E, D), GRU(E, D)).double()
    x = inputs()
    reset = torch.zeros(T, B)
    reset[4, 0] = 1
    y = net(x, reset)
    torch.testing.assert_close(y[:4, :1], net(x[:4, :1]))
    torch.testing.assert_close(y[4:, :1], net(x[4:, :1]))
    torch.testing.assert_close(y[:, 1:], net(x[:, 1:]))


def test_a_plain_srn_forgets_exponentially_what_an_lstm_keeps() -> None:
    def influence(core: Recurrent) -> float:
        state = tuple(part.requires_grad_() for part in core.initial_state(1))
        y, _ = core.unroll(torch.zeros(101, 1, 8), state, torch.zeros(101, 1))
        return float(torch.autograd.grad(y[-1].sum(), state[-1])[0].norm())

    plain = Recurrent(SRN(8, 32))
    with torch.no_grad():
        for parameter in plain.parameters():  # PyTorch's own initial weights
            nn.init.uniform_(parameter, -(32**-0.5), 32**-0.5)
    assert influence(plain) < 1e-20
    lasting = Recurrent(LSTM(8, 32, forget_bias=4.0))
    assert influence(lasting) > 1e-3


def test_unroll_calls_the_kernel_once_a_stretch() -> None:
    core = Recurrent(LSTM(E, D))
    calls: list[int] = []
    core.layer.register_forward_hook(lambda *call: calls.append(call[1][0].shape[0]))
    x, none = torch.randn(T, B, E), torch.zeros(T, B)
    core.unroll(x, core.initial_state(B), none)
    assert calls == [T]
    calls.clear()
    none[0, 0] = none[2, 1] = none[2, 0] = 1
    core.unroll(x, core.initial_state(B), none)
    assert calls == [2, T - 2]


@pytest.mark.parametrize("layer", [SRN, LSTM, GRU, partial(LSTM, layers=2)])
def test_weights_start_orthogonal(layer: type[SRN]) -> None:
    for name, parameter in layer(8, 8).kernel.named_parameters():
        if name.startswith("weight"):
            for block in parameter.detach().split(8):
                torch.testing.assert_close(block @ block.T, torch.eye(8), atol=1e-5, rtol=0)
