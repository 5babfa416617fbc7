"""Chapter 4: activation functions by their formulas, and feed-forward networks."""

from math import erf, exp, log, sqrt

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from rlkit.nets import MLP, HardLogistic, Maxout, Swish

X = torch.linspace(-6, 6, 241, dtype=torch.float64)


def formula(function: object) -> Tensor:
    assert callable(function)
    return torch.tensor([function(float(x)) for x in X], dtype=torch.float64)


def test_logistic_and_its_derivative() -> None:
    x = X.clone().requires_grad_()
    y = nn.Sigmoid()(x)
    (slope,) = torch.autograd.grad(y.sum(), x)
    torch.testing.assert_close(y, formula(lambda x: 1 / (1 + exp(-x))))
    torch.testing.assert_close(slope, y * (1 - y))
    assert slope.max() == 0.25


def test_tanh_is_a_shifted_logistic() -> None:
    torch.testing.assert_close(nn.Tanh()(X), 2 * torch.sigmoid(2 * X) - 1)


def test_hard_logistic_has_slope_a_quarter_unlike_hardsigmoid() -> None:
    y = HardLogistic()(X)
    torch.testing.assert_close(y, formula(lambda x: max(min(0.25 * x + 0.5, 1), 0)))
    two = torch.tensor(2.0)
    assert HardLogistic()(two) == 1.0
    assert nn.Hardsigmoid()(two).item() == pytest.approx(5 / 6)


def test_hard_tanh() -> None:
    assert torch.equal(nn.Hardtanh()(X), formula(lambda x: max(min(x, 1), -1)))


def test_relu() -> None:
    assert torch.equal(nn.ReLU()(X), formula(lambda x: max(0.0, x)))


def test_leaky_relu() -> None:
    torch.testing.assert_close(
        nn.LeakyReLU(0.01)(X), formula(lambda x: max(0.0, x) + 0.01 * min(0.0, x))
    )


def test_prelu_learns_a_slope_a_channel_which_is_dimension_1() -> None:
    layer = nn.PReLU(3, init=0.25).double()
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([0.1, 0.2, 0.3]))
    x = torch.full((2, 3, 4), -1.0, dtype=torch.float64)
    expected = torch.tensor([[-0.1, -0.2, -0.3]] * 2, dtype=torch.float64)
    torch.testing.assert_close(layer(x)[:, :, 0], expected, atol=1e-7, rtol=0)
    with pytest.raises(RuntimeError):
        layer(x.transpose(1, 2))


def test_elu() -> None:
    expected = formula(lambda x: max(0.0, x) + min(0.0, 0.7 * (exp(x) - 1)))
    torch.testing.assert_close(nn.ELU(0.7)(X), expected)


def test_softplus_and_its_derivative() -> None:
    x = X.clone().requires_grad_()
    y = nn.Softplus()(x)
    (slope,) = torch.autograd.grad(y.sum(), x)
    torch.testing.assert_close(y, formula(lambda x: log(1 + exp(x))))
    torch.testing.assert_close(slope, torch.sigmoid(X))


def test_swish_between_half_the_identity_and_relu() -> None:
    swish = Swish(0.0).double()
    torch.testing.assert_close(swish(X), X / 2)
    torch.testing.assert_close(Swish(1.0).double()(X), nn.SiLU()(X))
    torch.testing.assert_close(Swish(1e4).double()(X), nn.ReLU()(X))
    swish(X).sum().backward()
    assert swish.beta.grad is not None
    assert swish.beta.grad.item() == pytest.approx(float((X * X).sum() / 4))  # sigma'(0) = 1/4


def test_gelu_and_its_approximation() -> None:
    y = nn.GELU()(X)
    torch.testing.assert_close(y, formula(lambda x: x * (1 + erf(x / sqrt(2))) / 2))
    assert (y - X * torch.sigmoid(1.702 * X)).abs().max() < 0.021


def test_maxout_by_loops_and_as_a_relu() -> None:
    layer = Maxout(4, 3, pieces=5).double()
    x = torch.randn(2, 4, dtype=torch.float64)
    W, b = layer.linear.weight.detach().reshape(5, 3, 4), layer.linear.bias.detach().reshape(5, 3)
    for row in range(2):
        for unit in range(3):
            pieces = [float(W[k, unit] @ x[row] + b[k, unit]) for k in range(5)]
            assert layer(x)[row, unit].item() == pytest.approx(max(pieces))
    relu = Maxout(4, 3, pieces=2).double()
    with torch.no_grad():
        relu.linear.weight[:3], relu.linear.bias[:3] = 0.0, 0.0
    plain = torch.relu(x @ relu.linear.weight[3:].T + relu.linear.bias[3:])
    torch.testing.assert_close(relu(x), plain)


def test_an_mlp_is_its_recursion_and_has_its_parameters() -> None:
    net = MLP(4, hidden=(5, 6), output_size=2).double()
    weights = [parameter.detach().numpy() for parameter in net.parameters()]
    a = np.random.default_rng(0).normal(size=(3, 4))
    y = net(torch.as_tensor(a)).detach().numpy()
    for layer in range(3):
        z = a @ weights[2 * layer].T + weights[2 * layer + 1]
        a = np.tanh(z) if layer < 2 else z
    np.testing.assert_allclose(y, a, atol=1e-12)
    assert sum(parameter.numel() for parameter in net.parameters()) == 5 * 5 + 6 * 6 + 2 * 7
    with pytest.raises(ValueError, match="an MLP needs a layer"):
        MLP(4, hidden=())
    with pytest.raises(ValueError, match="of positive widths"):
        MLP(4, hidden=(3, 0))


def test_one_hidden_layer_approximates_better_the_wider_it_is() -> None:
    """The universal approximation theorem, with random squashing units and solved outputs."""
    x = torch.linspace(0, 1, 400, dtype=torch.float64).unsqueeze(1)
    target = torch.sin(2 * torch.pi * x) + 0.5 * torch.sin(6 * torch.pi * x)
    errors = []
    for width in (2, 8, 32):
        net = MLP(1, hidden=(width,), output_size=1, activation=nn.Sigmoid).double()
        with torch.no_grad():
            inner, outer = net.layers[0], net.layers[2]
            assert isinstance(inner, nn.Linear)
            assert isinstance(outer, nn.Linear)
            inner.weight.normal_(std=20.0)
            inner.bias.copy_(-inner.weight[:, 0] * torch.rand(width))
            hidden = net.layers[:2](x)
            design = torch.cat([hidden, torch.ones_like(x)], dim=1)
            fit = torch.linalg.lstsq(design, target).solution
            outer.weight.copy_(fit[:-1].T)
            outer.bias.copy_(fit[-1])
            errors.append(float((net(x) - target).abs().max()))
    assert errors[0] > errors[1] > errors[2]
    assert errors[2] < 0.02
