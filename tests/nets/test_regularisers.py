"""Chapter 7, section 7.7: penalties, decay, dropout, stopping, augmentation, by their formulas."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn, optim

from rlkit.nets import (
    GRU,
    LSTM,
    Cells,
    Core,
    EarlyStopping,
    LSTMCell,
    RandomShift,
    Recurrent,
    StructuralRisk,
    TextbookDropout,
    TextbookGRUCell,
    VariationalDropout,
    decay_before,
    decay_groups,
    elastic_net_penalty,
    l1_penalty,
    l2_penalty,
    least_squares,
    make_core,
    make_optimizer,
    monte_carlo,
    soft_threshold,
    soft_threshold_after,
)
from rlkit.nets.core import State

F64 = torch.float64


def weights(*values: float) -> nn.Parameter:
    return nn.Parameter(torch.tensor(values, dtype=F64))


def test_penalties_and_their_gradients_by_hand() -> None:
    w = weights(3.0, -4.0)
    assert l1_penalty([w], 0.1).item() == pytest.approx(0.7)
    assert l1_penalty([w], 0.1, epsilon=0.25).item() == pytest.approx(
        0.1 * (9.25**0.5 + 16.25**0.5)
    )
    assert l2_penalty([w], 0.1).item() == pytest.approx(0.1 * 25 / 2)
    assert elastic_net_penalty([w], 0.1, 0.1).item() == pytest.approx(0.7 + 1.25)
    assert elastic_net_penalty([w], 0.1, 0.0) == l1_penalty([w], 0.1)
    (gradient,) = torch.autograd.grad(elastic_net_penalty(iter([w]), 0.1, 0.2), w)
    assert gradient.tolist() == pytest.approx([0.1 + 0.6, -0.1 - 0.8])
    risk = StructuralRisk(torch.tensor(2.0), l2_penalty([w], 0.1).detach())
    assert risk.total.item() == pytest.approx(2.0 + 1.25)


def test_l2_is_the_weight_decay_of_sgd() -> None:
    a, b = weights(3.0, -4.0), weights(3.0, -4.0)
    l2_penalty([a], 0.1).backward()
    optim.SGD([a], 0.5).step()
    b.grad = torch.zeros_like(b)
    optim.SGD([b], 0.5, weight_decay=0.1).step()
    torch.testing.assert_close(a, b, rtol=0, atol=1e-15)


def test_the_proximal_step_solves_the_lasso_on_an_orthogonal_design() -> None:
    """There the solution is the soft threshold of least squares, with exact zeros."""
    torch.manual_seed(0)
    X = torch.linalg.qr(torch.randn(40, 6, dtype=F64)).Q * 40**0.5  # X'X = N I
    y = X @ torch.tensor([2.0, -1.0, 0.3, 0.05, 0, 0], dtype=F64) + 0.1 * torch.randn(40, dtype=F64)
    wanted = soft_threshold(least_squares(X, y), 0.2)
    found = {}
    for proximal in (True, False):
        w = weights(*[1.0] * 6)
        optimizer = optim.SGD([w], 0.5)
        handle = soft_threshold_after(optimizer, 0.2) if proximal else None
        for _ in range(200):
            loss = (X @ w - y).square().mean() / 2
            loss = loss if proximal else loss + l1_penalty([w], 0.2)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        found[proximal] = w.detach()
        if handle:
            handle.remove()
    torch.testing.assert_close(found[True], wanted, rtol=0, atol=1e-12)
    assert torch.equal(found[True] == 0, wanted == 0)
    assert (wanted == 0).sum() == 3
    assert (found[False] != 0).all()  # gradient steps on |w| jump about 0


def test_decay_of_the_chapter_is_not_scaled_by_the_learning_rate() -> None:
    a, b = weights(1.0), weights(1.0)
    for w, optimizer in (
        (a, optim.SGD([a], 0.1)),
        (b, make_optimizer("textbook-adam", [b], lr=0.1)),
    ):
        decay_before(optimizer, 0.05)
        w.grad = torch.zeros_like(w)
        optimizer.step()
        assert w.item() == pytest.approx(0.95, abs=1e-15)


def test_adamw_decays_by_rate_times_strength_and_adam_by_a_step() -> None:
    for kind, wanted in ((optim.AdamW, 0.95), (optim.Adam, 0.9)):
        w = weights(1.0)
        w.grad = torch.zeros_like(w)
        kind([w], lr=0.1, weight_decay=0.5).step()
        assert w.item() == pytest.approx(wanted, abs=1e-6)


def test_slopes_gains_and_biases_do_not_decay() -> None:
    network = nn.Sequential(nn.Linear(3, 4), nn.LayerNorm(4), nn.PReLU(), nn.Conv1d(1, 2, 3))
    decayed, spared = decay_groups(network, 0.1)
    assert [tuple(p.shape) for p in decayed["params"]] == [(4, 3), (2, 1, 3)]
    assert len(spared["params"]) == 5
    optimizer = make_optimizer("adamw", decay_groups(network, 0.1), lr=0.1)
    assert [group["weight_decay"] for group in optimizer.param_groups] == [0.1, 0.0]


def test_dropout_is_pytorchs_up_to_the_factor_keep() -> None:
    x, ours, torchs = torch.ones(1000, 50, dtype=F64), TextbookDropout(0.8), nn.Dropout(1 - 0.8)
    torch.manual_seed(1)
    a = ours(x)
    assert set(a.unique().tolist()) == {0.0, 1.0}
    deviation = (0.8 * 0.2 / a.numel()) ** 0.5
    assert a.mean().item() == pytest.approx(0.8, abs=4 * deviation)  # E[train] = test
    assert torchs(x).unique().tolist() == pytest.approx([0, 1.25])
    assert torch.equal(ours.eval()(x), 0.8 * x)
    assert torch.equal(torchs.eval()(x), x)


def test_dropout_between_layers_of_an_lstm_spares_the_last() -> None:
    torch.manual_seed(0)
    x = torch.randn(5, 3, 4)
    for layers in (1, 2):
        lstm = nn.LSTM(4, 6, layers, dropout=0.5 if layers > 1 else 0.0)
        same = torch.equal(lstm(x)[0], lstm(x)[0])
        assert same == (layers == 1)


def test_monte_carlo_dropout_has_the_mean_and_spread_of_its_masks() -> None:
    network = nn.Sequential(nn.Dropout(0.5), nn.Linear(4, 1, bias=False)).double().eval()
    with torch.no_grad():
        network.get_parameter("1.weight").copy_(torch.tensor([[1.0, 2.0, 3.0, 4.0]]))
    torch.manual_seed(0)
    y = monte_carlo(network, torch.ones(1, 4, dtype=F64), 4000)
    assert y.shape == (4000, 1, 1)
    assert y.mean().item() == pytest.approx(10, abs=4 * (30 / 4000) ** 0.5)
    assert y.var().item() == pytest.approx(30, rel=0.1)  # sum w^2 (1 - p) / p
    assert not network.training
    with pytest.raises(ValueError, match="positive; got 0"):
        monte_carlo(network, torch.ones(1, 4), 0)


def recurrent(keep_hidden: float = 1.0, **keep: float) -> Core:
    torch.manual_seed(0)
    core = Recurrent(Cells(LSTMCell(4, 6), LSTMCell(6, 6)))
    return VariationalDropout(core, keep_hidden=keep_hidden, **keep).double()  # type: ignore[arg-type]


def test_one_mask_an_episode_on_input_hidden_state_and_output() -> None:
    """Against a loop over steps and layers that multiplies by the masks of the state."""
    core = recurrent(0.5, keep_input=0.5, keep_output=0.5)
    x, none = torch.randn(7, 3, 4, dtype=F64), torch.zeros(7, 3)
    _, m_in, m_hidden, m_out, *_ = state = core.initial_state(3)
    assert {0.0, 2.0} == set(torch.cat([m.flatten() for m in (m_in, m_hidden, m_out)]).tolist())
    y, after = core.unroll(x, state, none)
    cells = core.core.layer.cells  # type: ignore[union-attr]
    h, c = ([torch.zeros(3, 6, dtype=F64)] * 2 for _ in range(2))
    for t in range(7):
        below = x[t] * m_in
        for layer in range(2):
            cell: Any = cells[layer]  # type: ignore[index]
            z = cell.from_input(below) + cell.from_hidden(h[layer] * m_hidden[:, layer])
            i, f, g, o = z.chunk(4, dim=1)
            c[layer] = torch.sigmoid(f) * c[layer] + torch.sigmoid(i) * torch.tanh(g)
            below = h[layer] = torch.sigmoid(o) * torch.tanh(c[layer])
        torch.testing.assert_close(y[t], below * m_out, rtol=0, atol=1e-12)
    assert all(torch.equal(a, b) for a, b in zip(after[:4], state[:4], strict=True))


def test_a_reset_draws_new_masks_for_its_own_row_alone() -> None:
    core = VariationalDropout(make_core("mlp", (40,)), keep_input=0.5, keep_output=0.5)
    state = core.initial_state(3)
    x = torch.ones(1, 3, 40)
    _, after = core.unroll(x, state, torch.tensor([[0, 1, 0]]))
    same = [
        [torch.equal(a[row], b[row]) for row in range(3)] for a, b in zip(state, after, strict=True)
    ]
    assert same == [[True, False, True]] * 3
    kept = torch.stack([m[0] for m in _masks(core, 400)]) > 0
    assert kept.double().mean().item() == pytest.approx(0.5, abs=4 * (0.25 / kept.numel()) ** 0.5)
    rows = kept.double().var(dim=0)
    assert rows.min() > 0.2  # no unit is always dropped


def _masks(core: Core, episodes: int) -> list[Tensor]:
    state, found = core.initial_state(1), []
    for _ in range(episodes):
        _, state = core.step(torch.ones(1, 40), state, torch.ones(1))
        found.append(state[1])
    return found


def test_evaluation_drops_nothing() -> None:
    torch.manual_seed(0)
    bare = make_core("gru", (4,), seed=0)
    core = VariationalDropout(bare, keep_input=0.5, keep_output=0.5).eval()
    x, reset = torch.randn(6, 3, 4), torch.rand(6, 3) < 0.3
    y, _ = core.unroll(x, core.initial_state(3), reset)
    wanted, _ = bare.unroll(x, bare.initial_state(3), reset)
    torch.testing.assert_close(y, wanted)


@pytest.mark.parametrize(
    "make",
    [
        lambda: VariationalDropout(make_core("mlp", (4,), seed=0), keep_input=0.7),
        lambda: VariationalDropout(Recurrent(LSTM(4, 16)), keep_input=0.7),
        lambda: make_core("variational-lstm", (4,), seed=0, hidden_size=16),
    ],
)
def test_ppos_ratio_is_one_before_the_first_gradient_step(make: Callable[[], Core]) -> None:
    """Roll out step by step in training mode, then update on the stored first state."""
    torch.manual_seed(0)
    core, head = make().double(), nn.Linear(16, 3, dtype=F64)
    if core.output_size != 16:
        head = nn.Linear(core.output_size, 3, dtype=F64)
    x = torch.randn(32, 4, 4, dtype=F64)
    reset = torch.rand(32, 4) < 0.15
    _, first = core.unroll(x, core.initial_state(4), reset)  # mid-life, masks of some episode
    actions, old, rollout = [], [], first
    with torch.no_grad():
        for x_t, reset_t in zip(x, reset, strict=True):
            y, rollout = core.step(x_t, rollout, reset_t)
            policy = torch.distributions.Categorical(logits=head(y))
            actions.append(policy.sample())
            old.append(policy.log_prob(actions[-1]))
    y, after = core.unroll(x, tuple(part.detach() for part in first), reset)
    new = torch.distributions.Categorical(logits=head(y)).log_prob(torch.stack(actions))
    ratio = (new - torch.stack(old)).exp()
    assert (ratio - 1).abs().max() < 1e-12  # sums of one and of many rows round differently
    for ours, theirs in zip(after[:3], rollout[:3], strict=True):
        assert torch.equal(ours, theirs)  # keys and masks
    replayed: State = first
    for t in range(32):  # the same calls again give the same bits
        y_t, replayed = core.step(x[t], replayed, reset[t])
        again = torch.distributions.Categorical(logits=head(y_t)).log_prob(actions[t])
        assert torch.equal((again - old[t]).exp(), torch.ones(4, dtype=F64))
    rows = torch.tensor([2, 0])  # a minibatch of environments
    part, _ = core.unroll(x[:, rows], tuple(p[rows] for p in first), reset[:, rows])
    torch.testing.assert_close(part, y[:, rows], rtol=0, atol=1e-12)
    broken = core.unroll(x, core.initial_state(4), reset)[0]  # other masks: the ratio is not 1
    other = torch.distributions.Categorical(logits=head(broken)).log_prob(torch.stack(actions))
    assert ((other - torch.stack(old)).exp() - 1).abs().max() > 0.01


def test_wrong_dropout_is_explained() -> None:
    core = make_core("mlp", (4,))
    with pytest.raises(ValueError, match=r"keep_input is a probability in \(0, 1\] .* got 1.5"):
        VariationalDropout(core, keep_input=1.5)
    with pytest.raises(ValueError, match=r"keep is a probability .* got 0"):
        TextbookDropout(0.0)
    for wrong in (core, Recurrent(GRU(4, 6)), Recurrent(Cells(TextbookGRUCell(4, 6)))):
        with pytest.raises(TypeError, match="only read by U, such as LSTMCell"):
            VariationalDropout(wrong, keep_hidden=0.5)


@pytest.mark.parametrize(
    ("errors", "patience", "min_delta", "stops", "best"),
    [
        ([5.0, 4, 3, 3.5, 3.2, 3.1], 3, 0.0, 5, 2),
        ([5.0, 4, 3, 3.5, 2.9, 3.1, 3.0, 3.3], 3, 0.0, 7, 4),
        ([5.0, 4.95, 4.9, 4.85], 2, 0.5, 2, 0),
        ([1.0, 1.0], 1, 0.0, 1, 0),
    ],
)
def test_stopping_by_hand(
    errors: list[float], patience: int, min_delta: float, stops: int, best: int
) -> None:
    stopping = EarlyStopping(patience, min_delta)
    said = [stopping.update(error) for error in errors]
    assert said.index(True) == stops
    assert stopping.best_index == best


def test_the_best_parameters_come_back() -> None:
    network = nn.Linear(1, 1, bias=False)
    stopping = EarlyStopping(patience=2, network=network)
    for value, error in ((1.0, 3.0), (2.0, 1.0), (3.0, 2.0)):
        nn.init.constant_(network.weight, value)
        stopping.update(error)
    stopping.restore()
    assert network.weight.item() == 2.0


def test_random_shift_is_a_crop_of_the_padded_image() -> None:
    shift = RandomShift(2, seed=3)
    x = torch.arange(2 * 3 * 5 * 6, dtype=F64).reshape(2, 3, 5, 6)
    padded = nn.functional.pad(x, [2] * 4, mode="replicate")
    crops = {(i, j): padded[:, :, i : i + 5, j : j + 6] for i in range(5) for j in range(5)}
    seen = set()
    for _ in range(100):
        y = shift(x)
        for n in range(2):
            (found,) = [at for at, crop in crops.items() if torch.equal(crop[n], y[n])]
            seen.add(found)
    assert seen == set(crops)
    assert torch.equal(RandomShift(0)(x), x)
    assert torch.equal(shift.eval()(x), x)
    assert torch.equal(RandomShift(2, seed=3)(x), RandomShift(2, seed=3)(x))


def test_mistakes_are_explained() -> None:
    w = weights(1.0)
    with pytest.raises(ValueError, match="not negative; got -1"):
        l1_penalty([w], -1.0)
    with pytest.raises(ValueError, match=r"in \[0, 1\), got 1.5"):
        decay_before(optim.SGD([w], 0.1), 1.5)
    with pytest.raises(ValueError, match="patience is at least 1"):
        EarlyStopping(0)
    with pytest.raises(ValueError, match="nan"):
        EarlyStopping().update(float("nan"))
    with pytest.raises(ValueError, match="given no network"):
        EarlyStopping().restore()
    with pytest.raises(ValueError, match="got -1 pixels"):
        RandomShift(-1)
    with pytest.raises(ValueError, match=r"images are .* got \(3, 5\)"):
        RandomShift(1)(torch.zeros(3, 5))
