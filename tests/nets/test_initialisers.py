"""Chapter 7, section 7.3: the laws of initial weights, and what they do to signals."""

from math import sqrt

import pytest
import torch
from torch import nn

from rlkit.nets import gain, gaussian_, initialise, uniform_
from rlkit.nets.initialisers import SCHEMES


@pytest.mark.parametrize(
    ("scheme", "activation", "variance"),
    [
        ("gaussian", "relu", 1e-4),
        ("uniform", "relu", 1e-4),
        ("xavier-uniform", "tanh", 2 / 500),
        ("xavier-normal", "tanh", 2 / 500),
        ("xavier-normal", "logistic", 16 * 2 / 500),
        ("he-uniform", "relu", 2 / 300),
        ("he-normal", "relu", 2 / 300),
    ],
)
def test_the_variance_is_the_chapters(scheme: str, activation: str, variance: float) -> None:
    layer = nn.Linear(300, 200)
    initialise(nn.Sequential(layer), scheme, activation, bias=0.01, seed=1)
    assert layer.weight.var().item() == pytest.approx(variance, rel=0.03)
    assert layer.weight.mean().item() == pytest.approx(0, abs=4 * sqrt(variance / 60_000))
    assert (layer.bias == 0.01).all()
    if scheme.endswith("uniform"):  # r = sqrt(3 var)
        r = sqrt(3 * variance)
        assert 0.999 * r < layer.weight.abs().max() <= r * 1.000001


def test_convolutions_count_their_kernel() -> None:
    layer = nn.Conv2d(8, 32, 5)
    initialise(layer, "he-normal")
    assert layer.weight.var().item() == pytest.approx(2 / (8 * 25), rel=0.05)


@pytest.mark.parametrize("activation", ["linear", "relu"])
def test_orthogonal_weights_keep_the_norm(activation: str) -> None:
    layer = nn.Linear(64, 64, dtype=torch.float64)
    initialise(layer, "orthogonal", activation)
    W = layer.weight.detach()
    torch.testing.assert_close(W.T @ W, gain(activation) ** 2 * torch.eye(64, dtype=torch.float64))
    delta = torch.randn(64, dtype=torch.float64)
    assert (W @ delta).norm().item() == pytest.approx(gain(activation) * delta.norm().item())


def std_behind(layers: int, activation: nn.Module, scheme: str | None, name: str = "relu") -> float:
    torch.manual_seed(0)
    parts = [part for _ in range(layers) for part in (nn.Linear(256, 256), activation)]
    network = nn.Sequential(*parts)
    if scheme:
        initialise(network, scheme, name)
    with torch.no_grad():
        return float(network(torch.randn(512, 256)).std(dim=0).mean())  # over examples


def test_he_keeps_signals_alive_where_pytorchs_default_loses_them() -> None:
    assert std_behind(20, nn.ReLU(), None) < 1e-5
    assert std_behind(20, nn.ReLU(), "he-normal") > 0.1


def test_the_logistic_needs_four_times_the_weights_of_tanh() -> None:
    """The chapter of 2019 has the factors swapped: then the logistic's signals are weaker."""
    four, one = (
        std_behind(20, nn.Sigmoid(), "xavier-normal", name) for name in ("logistic", "tanh")
    )
    assert four > 2.5 * one
    assert gain("logistic") == 4 * gain("tanh") == 4
    assert nn.init.calculate_gain("sigmoid") == 1


def test_a_seed_decides_everything() -> None:
    state = torch.random.get_rng_state()
    networks = [nn.Linear(5, 5, dtype=torch.float64) for _ in range(3)]
    torch.random.set_rng_state(state)
    for scheme in SCHEMES:
        for network, seed in zip(networks, (1, 1, 2), strict=True):
            initialise(network, scheme, seed=seed)
        assert torch.equal(networks[0].weight, networks[1].weight), scheme
        assert not torch.equal(networks[0].weight, networks[2].weight), scheme
    assert torch.equal(torch.random.get_rng_state(), state)


def test_mistakes_are_explained() -> None:
    with pytest.raises(KeyError, match=r"unknown initialiser 'he-norm'. Did you mean 'he-normal'"):
        initialise(nn.Linear(2, 2), "he-norm")
    with pytest.raises(KeyError, match=r"unknown activation 'tan'. Did you mean 'tanh'"):
        initialise(nn.Linear(2, 2), "he-normal", "tan")
    with pytest.raises(ValueError, match="ReLU has no linear or convolutional layer"):
        initialise(nn.ReLU(), "he-normal")
    for draw in (gaussian_, uniform_):
        with pytest.raises(ValueError, match="positive and finite; got -1"):
            draw(torch.zeros(2), -1.0)
