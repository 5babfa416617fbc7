"""Chapter 7, sections 7.4-7.5: normalisation of data and of layers, against their formulas."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from rlkit.nets import MinMax, RunningStandard, Standard, Whitening

F64 = torch.float64


def data(n: int = 200) -> Tensor:
    generator = torch.Generator().manual_seed(0)
    mix = torch.tensor([[2.0, 0.5, 0], [0, 1, -3], [0.1, 0, 0.2]], dtype=F64)
    return torch.randn(n, 3, generator=generator, dtype=F64) @ mix + torch.tensor([5.0, -1, 100])


def test_min_max_fills_the_unit_interval() -> None:
    x = data()
    scale = MinMax(3).double().fit(x)
    wanted = (x.numpy() - x.numpy().min(axis=0)) / np.ptp(x.numpy(), axis=0)
    np.testing.assert_allclose(scale(x), wanted, atol=1e-12)


def test_standard_data_have_mean_0_and_deviation_1() -> None:
    x = data()
    y = Standard(3).double().fit(x)(x).numpy()
    np.testing.assert_allclose(y, (x.numpy() - x.numpy().mean(0)) / x.numpy().std(0), atol=1e-12)


@pytest.mark.parametrize("zca", [False, True])
def test_whitened_data_have_covariance_one(zca: bool) -> None:
    x = data()
    whiten = Whitening(3, zca=zca).double().fit(x)
    y = whiten(x)
    torch.testing.assert_close(y.T @ y / len(y), torch.eye(3, dtype=F64), rtol=0, atol=1e-10)
    torch.testing.assert_close(y.mean(0), torch.zeros(3, dtype=F64), rtol=0, atol=1e-10)
    A = whiten.running_map
    if zca:  # the symmetric root of the inverse covariance
        torch.testing.assert_close(A, A.T, rtol=0, atol=1e-10)
        covariance = torch.cov(x.T, correction=0)
        torch.testing.assert_close(A @ A @ covariance, torch.eye(3, dtype=F64), rtol=0, atol=1e-8)
    else:  # rows in order of falling variance
        norms = A.norm(dim=1)
        assert norms.tolist() == sorted(norms.tolist())


def test_running_moments_are_those_of_all_data() -> None:
    x, running = data(1000), RunningStandard(3)
    for part in x.split([1, 2, 97, 400, 500]):
        running.update(part)
    np.testing.assert_allclose(running.running_mean, x.numpy().mean(0), rtol=1e-12)
    np.testing.assert_allclose(running.variance, x.numpy().var(0), rtol=1e-12)
    y = running(x[:5])
    np.testing.assert_allclose(y, (x[:5] - x.mean(0)) / (x.var(0, correction=0) + 1e-8) ** 0.5)
    assert torch.equal(running(x[:5]), y)  # reading changes nothing
    assert running(torch.full((1, 3), 1e9, dtype=F64)).tolist() == [[10.0] * 3]
    again = RunningStandard(3)
    again.load_state_dict(running.state_dict())
    assert torch.equal(again(x), running(x))
    assert all("running_" in name for name in running.state_dict())


def test_running_moments_know_nothing_at_first_and_bear_constants() -> None:
    running = RunningStandard(2)
    assert torch.allclose(running(torch.tensor([[1.0, 2.0]])), torch.tensor([[1.0, 2.0]]))
    running.update(torch.ones(5, 2))
    assert torch.equal(running(torch.ones(1, 2)), torch.zeros(1, 2))


def test_batch_norm_is_its_formula_and_its_running_variance_unbiased() -> None:
    z, norm = data(10), nn.BatchNorm1d(3, dtype=F64)
    with torch.no_grad():
        norm.weight.copy_(torch.tensor([1.0, 2, 3]))
        norm.bias.copy_(torch.tensor([0.5, 0, -1]))
    variance = (z - z.mean(0)).square().mean(0)
    wanted = (z - z.mean(0)) / (variance + norm.eps).sqrt() * norm.weight + norm.bias
    torch.testing.assert_close(norm(z), wanted, rtol=0, atol=1e-12)
    assert norm.running_mean is not None
    assert norm.running_var is not None
    torch.testing.assert_close(norm.running_mean, 0.1 * z.mean(0))  # .1 weighs the new value
    torch.testing.assert_close(norm.running_var, 0.9 + 0.1 * variance * 10 / 9)
    moving = (z - norm.running_mean) / (norm.running_var + norm.eps).sqrt()
    torch.testing.assert_close(norm.eval()(z), moving * norm.weight + norm.bias)


def test_batch_norm_makes_the_bias_before_it_useless() -> None:
    torch.manual_seed(0)
    linear, norm, a = (
        nn.Linear(4, 3, dtype=F64),
        nn.BatchNorm1d(3, dtype=F64),
        torch.randn(8, 4, dtype=F64),
    )
    before = norm(linear(a))
    nn.init.constant_(linear.bias, 100.0)
    torch.testing.assert_close(norm(linear(a)), before, rtol=0, atol=1e-10)


def test_layer_norm_goes_over_the_units_of_one_example() -> None:
    z, norm = data(10), nn.LayerNorm(3, dtype=F64)
    mean, variance = z.mean(1, keepdim=True), z.var(1, correction=0, keepdim=True)
    torch.testing.assert_close(norm(z), (z - mean) / (variance + norm.eps).sqrt())


def test_batch_norm_depends_on_the_other_rows_and_layer_norm_does_not() -> None:
    """Why a recurrent or an acting network has layer norm."""
    z = data(10)
    for norm, alone in ((nn.LayerNorm(3, dtype=F64), True), (nn.BatchNorm1d(3, dtype=F64), False)):
        assert torch.equal(norm(z)[:2], norm(z[:2])) == alone
    with pytest.raises(ValueError, match="more than 1 value"):
        nn.BatchNorm1d(3, dtype=F64)(z[:1])  # one environment, one step


def test_batch_norm_before_the_activation_fixes_the_net_input() -> None:
    """f(BN(W a + b)) has a net input of mean 0 and variance 1; f(W BN(a) + b) has not."""
    torch.manual_seed(0)
    a, linear = torch.randn(500, 6, dtype=F64).relu() * 5, nn.Linear(6, 4, dtype=F64)
    nn.init.normal_(linear.weight, std=2.0)
    inside = nn.BatchNorm1d(4, dtype=F64)(linear(a))
    outside = linear(nn.BatchNorm1d(6, dtype=F64)(a))
    torch.testing.assert_close(
        inside.var(0, correction=0), torch.ones(4, dtype=F64), rtol=1e-4, atol=0
    )
    assert (outside.var(0) > 2).all()


def test_weight_norm_and_local_response_norm() -> None:
    torch.manual_seed(0)
    linear = nn.utils.parametrizations.weight_norm(nn.Linear(4, 3, dtype=F64))
    g, v = (linear.parametrizations.weight.original0, linear.parametrizations.weight.original1)
    torch.testing.assert_close(linear.weight, g / v.norm(dim=1, keepdim=True) * v)
    y = torch.rand(1, 7, 2, 2, dtype=F64)
    n, k, alpha, beta = 5, 2.0, 0.1, 0.75
    norm = nn.LocalResponseNorm(n, n * alpha, beta, k)  # PyTorch divides alpha by n
    for p in range(7):
        near = y[:, max(0, p - 2) : p + 3].square().sum(1)
        torch.testing.assert_close(norm(y)[:, p], y[:, p] / (k + alpha * near) ** beta)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: MinMax(2).fit(torch.tensor([[1.0, 0], [1, 2]])), r"features \[0\] are constant"),
        (lambda: Standard(2).fit(torch.tensor([[0.0, 3], [2, 3]])), r"features \[1\] are constant"),
        (lambda: Standard(2).fit(torch.zeros(4, 3)), r"shape \(N, 2\), N >= 1; got \(4, 3\)"),
        (lambda: Standard(1).fit(torch.zeros(0, 1)), r"got \(0, 1\)"),
        (lambda: Standard(2).fit(torch.tensor([[0.0, torch.nan]])), r"finite; the features \[1\]"),
        (
            lambda: Whitening(3).fit(torch.randn(50, 1) * torch.ones(1, 3)),
            r"singular: 2 of 3 directions do not vary in 50 examples",
        ),
        (lambda: Whitening(2, epsilon=-1.0), "not negative; got -1"),
        (lambda: MinMax(0), "must be a feature; got 0"),
        (lambda: RunningStandard(2, epsilon=0.0), "are positive; got 2, 0.0, 10.0"),
        (lambda: RunningStandard(2).update(torch.zeros(3)), r"\(..., 2\); got \(3,\)"),
        (lambda: RunningStandard(1).update(torch.tensor([torch.inf])), "1 entries that are not"),
    ],
)
def test_mistakes_are_explained(call: Callable[[], Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()


def test_epsilon_allows_a_singular_covariance() -> None:
    x = torch.randn(50, 1, dtype=F64) * torch.ones(1, 3, dtype=F64)
    assert Whitening(3, epsilon=1e-3).double().fit(x)(x).isfinite().all()
