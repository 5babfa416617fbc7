"""The contract of every registered core."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from rlkit.nets import (
    Core,
    Encoded,
    Feedforward,
    core_names,
    make_core,
    register_core,
    registry,
    shipped,
)
from rlkit.nets.core import State
from tests.scripts.support import python

IMAGES = {"cnn": (2, 36, 36), "lenet": (1, 32, 32)}
WITHOUT_MEMORY = {"mlp", "cnn", "lenet", "impala", "residual-cnn", "inception"}
WITH_MEMORY = sorted(set(core_names()) - WITHOUT_MEMORY)
SETTINGS: dict[str, Any] = {  # memories shorter than the sequence
    "transformer": {"model_size": 8, "heads": 2, "memory": 4},
    "gtrxl": {"model_size": 8, "heads": 2, "memory": 4},
}
T, B = 12, 3


def built(name: str, **settings: Any) -> Core:
    """A small core in float64 whose weights are all drawn at random."""
    default = (5,) if name == "mlp" or name in WITH_MEMORY else (2, 9, 9)
    settings = SETTINGS.get(name, {}) | settings
    core = make_core(name, IMAGES.get(name, default), seed=1, **settings).double()
    generator = torch.Generator().manual_seed(2)
    with torch.no_grad():
        for parameter in core.parameters():  # no zero that hides a mistake
            parameter.add_(0.05 * torch.randn(parameter.shape, generator=generator))
    return core


def sequence(core: Core) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(3)
    x = torch.randn(T, B, *core.input_shape, generator=generator, dtype=torch.float64)
    reset = torch.rand(T, B, generator=generator) < 0.2
    return x, reset


def stepped(core: Core, x: Tensor, state: State, reset: Tensor) -> tuple[Tensor, State]:
    rows = []
    for x_t, reset_t in zip(x, reset, strict=True):
        y, state = core.step(x_t, state, reset_t)
        rows.append(y)
    return torch.stack(rows), state


@pytest.mark.parametrize("name", core_names())
def test_step_repeated_is_unroll(name: str) -> None:
    core = built(name)
    x, reset = sequence(core)
    _, state = core.unroll(x.flip(0), core.initial_state(B), reset.flip(0))  # a state in mid-life
    whole, state_whole = core.unroll(x, state, reset)
    steps, state_steps = stepped(core, x, state, reset)
    assert whole.shape == (T, B, core.output_size)
    torch.testing.assert_close(steps, whole, atol=1e-6, rtol=0)
    torch.testing.assert_close(state_steps, state_whole, atol=1e-6, rtol=0)


@pytest.mark.parametrize("name", core_names())
def test_unroll_in_two_halves_is_unroll(name: str) -> None:
    core = built(name)
    x, reset = sequence(core)
    whole, _ = core.unroll(x, core.initial_state(B), reset)
    first, state = core.unroll(x[:5], core.initial_state(B), reset[:5])
    second, _ = core.unroll(x[5:], state, reset[5:])
    torch.testing.assert_close(torch.cat([first, second]), whole, atol=1e-6, rtol=0)


@pytest.mark.parametrize("name", WITH_MEMORY)
def test_a_reset_forgets_everything_and_only_its_own_row(name: str) -> None:
    core = built(name).eval()  # in training mode dropout draws other masks for the new episode
    x, _ = sequence(core)
    reset = torch.zeros(T, B)
    reset[4, 1] = 1
    y, _ = core.unroll(x, core.initial_state(B), reset)
    never, _ = core.unroll(x, core.initial_state(B), torch.zeros(T, B))
    fresh, _ = core.unroll(x[4:, 1:2], core.initial_state(1), torch.zeros(T - 4, 1))
    torch.testing.assert_close(y[4:, 1:2], fresh, atol=1e-9, rtol=0)
    torch.testing.assert_close(y[:, [0, 2]], never[:, [0, 2]], atol=1e-9, rtol=0)
    assert (y[4:, 1] - never[4:, 1]).abs().max() > 1e-3


@pytest.mark.parametrize("name", WITH_MEMORY)
def test_what_was_seen_before_changes_what_comes_out(name: str) -> None:
    core = built(name)
    x, _ = sequence(core)
    other = x.clone()
    other[0] += 1.0
    none = torch.zeros(T, B)
    y, _ = core.unroll(x, core.initial_state(B), none)
    changed, _ = core.unroll(other, core.initial_state(B), none)
    assert (y[3] - changed[3]).abs().max() > 1e-4


@pytest.mark.parametrize("name", core_names())
def test_the_future_does_not_change_the_past(name: str) -> None:
    core = built(name)
    x, reset = sequence(core)
    other = x.clone()
    other[8:] = -x[8:]
    y, _ = core.unroll(x, core.initial_state(B), reset)
    changed, _ = core.unroll(other, core.initial_state(B), reset)
    torch.testing.assert_close(changed[:8], y[:8], atol=1e-12, rtol=0)


@pytest.mark.parametrize("name", core_names())
def test_gradients_reach_every_parameter(name: str) -> None:
    core = built(name)
    x, reset = sequence(core)
    y, _ = core.unroll(x, core.initial_state(B), reset)
    y.square().sum().backward()
    for parameter_name, parameter in core.named_parameters():
        assert parameter.grad is not None, parameter_name
        assert parameter.grad.isfinite().all(), parameter_name
        assert parameter.grad.abs().max() > 0, parameter_name


@pytest.mark.parametrize("name", core_names())
def test_a_seed_gives_the_weights_and_leaves_the_global_generator(name: str) -> None:
    shape = built(name).input_shape
    before = torch.random.get_rng_state()
    first, second = make_core(name, shape, seed=7), make_core(name, shape, seed=7)
    assert torch.equal(before, torch.random.get_rng_state())
    torch.testing.assert_close(first.state_dict(), second.state_dict(), atol=0, rtol=0)
    third = make_core(name, shape, seed=8)
    pairs = zip(first.parameters(), third.parameters(), strict=True)
    assert any(not torch.equal(a, b) for a, b in pairs)


def test_an_encoder_feeds_a_core() -> None:
    encoder = nn.Sequential(nn.Conv2d(2, 3, 3), nn.Flatten(), nn.Linear(3 * 4 * 4, 5))
    inner = built("lstm", hidden_size=4)
    core = Encoded(encoder.double(), inner, (2, 6, 6))
    x = torch.randn(T, B, 2, 6, 6, dtype=torch.float64)
    y, _ = core.unroll(x, core.initial_state(B), torch.zeros(T, B))
    encoded = torch.stack([encoder(frame) for frame in x])
    expected, _ = inner.unroll(encoded, inner.initial_state(B), torch.zeros(T, B))
    torch.testing.assert_close(y, expected)
    with pytest.raises(ValueError, match=r"5 features, but the core reads \(6,\)"):
        Encoded(encoder, make_core("lstm", (6,)), (2, 6, 6))


def test_a_factory_of_ones_own_and_names_that_are_taken_or_wrong() -> None:
    def doubled(shape: tuple[int, ...]) -> Core:
        return Feedforward(nn.Linear(shape[0], 2 * shape[0]), shape)

    assert make_core(doubled, (3,)).output_size == 6
    with pytest.raises(ValueError, match="'lstm' is registered already"):
        register_core("lstm", doubled)
    with pytest.raises(KeyError, match="Did you mean 'lstm'"):
        make_core("lsmt", (3,))


@pytest.mark.parametrize("name", core_names())
def test_wrong_shapes_are_errors_that_state_both(name: str) -> None:
    core = built(name)
    x, reset = sequence(core)
    state = core.initial_state(B)
    with pytest.raises(ValueError, match=r"x must have the shape \(T, B, .*; got"):
        core.unroll(x[..., :-1], state, reset)
    with pytest.raises(ValueError, match=r"x must have the shape"):
        core.unroll(x[0], state, reset)
    with pytest.raises(ValueError, match="holds no observation"):
        core.unroll(x[:0], state, reset[:0])
    with pytest.raises(ValueError, match=r"reset must have the shape \(T, B\) = \(12, 3\)"):
        core.unroll(x, state, reset[:-1])
    if state:
        with pytest.raises(ValueError, match="the state must hold 3 rows"):
            core.unroll(x, core.initial_state(2), reset)


@pytest.mark.parametrize(
    ("name", "shape", "message"),
    [
        ("cnn", (3, 20, 20), r"at least 36 x 36; got the shape \(3, 20, 20\)"),
        ("impala", (7,), r"got the shape \(7,\)"),
        ("lenet", (1, 28, 28), r"cannot read|\(N, 1, 32, 32\)"),
        ("lenet", (32,), r"got the shape \(32,\)"),
        ("mlp", (0,), "an MLP needs a layer"),
    ],
)
def test_a_shape_that_no_network_fits_is_an_error(
    name: str, shape: tuple[int, ...], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        make_core(name, shape)


def test_importing_loads_nothing_heavy_but_torch() -> None:
    program = """
import sys
import torch
before = set(sys.modules)
import rlkit.nets
new = set(sys.modules) - before
heavy = {"rlkit.envs", "rlkit.agents", "stable_baselines3", "matplotlib", "numba", "scipy"}
print(sorted(name for name in heavy | {"torch._dynamo", "torch._inductor"} if name in new))
"""
    finished = python(program)

    assert finished.stdout == "[]\n", finished.stderr


def test_every_name_of_a_core_of_ours_has_a_factory() -> None:
    assert sorted(shipped.CORES) == sorted(registry.SHIPPED.split())
    assert {*shipped.CORES} <= {*core_names()}
