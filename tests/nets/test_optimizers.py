"""Chapter 7, section 7.2: optimizers against their formulas, written out with plain numbers."""

from collections.abc import Callable
from copy import deepcopy
from math import sqrt
from typing import Any

import pytest
import torch
from stable_baselines3 import PPO
from stable_baselines3.common.sb2_compat.rmsprop_tf_like import RMSpropTFLike
from torch import Tensor, nn, optim
from torch.optim.lr_scheduler import LambdaLR

from rlkit.nets import make_optimizer
from rlkit.nets.optimizers import (
    Average,
    GeneralOptimizer,
    Latest,
    Moment,
    Sum,
    TextbookAdaDelta,
    TextbookAdagrad,
    TextbookAdam,
    TextbookMomentum,
    TextbookNesterov,
    TextbookRMSprop,
    clip_by_norm,
    clip_by_value,
    optimizer_names,
)
from rlkit.nets.sb3 import policy_kwargs

START = (1.0, -2.0)
CURVATURE = (1.0, 10.0)
Optimizer = Callable[[list[nn.Parameter]], optim.Optimizer]


def slope(theta: tuple[float, ...]) -> list[float]:
    """The gradient of a quadratic bowl."""
    return [c * x for c, x in zip(CURVATURE, theta, strict=True)]


def walk(optimizer: Optimizer, steps: int, schedule: Callable[[int], float] | None = None) -> Any:
    """Return the parameters after each step in the bowl, `(steps, 2)`, in float64."""
    theta = nn.Parameter(torch.tensor(START, dtype=torch.float64))
    built = optimizer([theta])
    rates = LambdaLR(built, schedule) if schedule else None
    path = []
    for _ in range(steps):
        theta.grad = torch.tensor(slope(tuple(theta.tolist())), dtype=torch.float64)
        built.step()
        if rates:
            rates.step()
        path.append(theta.detach().clone())
    return torch.stack(path)


def formula(step: Callable[[int, float, dict[str, float]], float], steps: int) -> Tensor:
    """Return the path of theta += step(t, g, memory), one coordinate after the other."""
    columns = []
    for x, c in zip(START, CURVATURE, strict=True):
        memory: dict[str, float] = {"m": 0.0, "g": 0.0, "x": 0.0}
        column = []
        for t in range(1, steps + 1):
            x += step(t, c * x, memory)  # noqa: PLW2901
            column.append(x)
        columns.append(column)
    return torch.tensor(columns, dtype=torch.float64).T


def agree(a: Tensor, b: Tensor) -> None:
    torch.testing.assert_close(a, b, rtol=0, atol=1e-12)


def test_adagrad_is_its_formula() -> None:
    def step(_: int, g: float, memory: dict[str, float]) -> float:
        memory["g"] += g * g
        return -0.3 * g / sqrt(memory["g"] + 1e-2)

    agree(walk(lambda p: TextbookAdagrad(p, 0.3, eps=1e-2), 20), formula(step, 20))


def test_rmsprop_is_its_formula() -> None:
    def step(_: int, g: float, memory: dict[str, float]) -> float:
        memory["g"] = 0.9 * memory["g"] + 0.1 * g * g
        return -0.01 * g / sqrt(memory["g"] + 1e-2)

    agree(walk(lambda p: TextbookRMSprop(p, 0.01, eps=1e-2), 20), formula(step, 20))


def test_adadelta_is_its_formula_and_pytorchs_where_both_rates_are_equal() -> None:
    def step(_: int, g: float, memory: dict[str, float]) -> float:
        memory["g"] = 0.8 * memory["g"] + 0.2 * g * g
        move = -sqrt(memory["x"] + 1e-3) / sqrt(memory["g"] + 1e-3) * g
        memory["x"] = 0.95 * memory["x"] + 0.05 * move * move
        return move

    ours = walk(lambda p: TextbookAdaDelta(p, beta=0.8, beta_steps=0.95, eps=1e-3), 20)
    agree(ours, formula(step, 20))
    agree(walk(TextbookAdaDelta, 20), walk(lambda p: optim.Adadelta(p, 1.0, rho=0.9), 20))


def test_adam_is_its_formula() -> None:
    def step(t: int, g: float, memory: dict[str, float]) -> float:
        memory["m"] = 0.9 * memory["m"] + 0.1 * g
        memory["g"] = 0.99 * memory["g"] + 0.01 * g * g
        m, G = memory["m"] / (1 - 0.9**t), memory["g"] / (1 - 0.99**t)
        return -0.1 * m / sqrt(G + 1e-2)

    agree(walk(lambda p: TextbookAdam(p, 0.1, eps=1e-2), 50), formula(step, 50))


@pytest.mark.parametrize(("g", "share"), [(1e-4, 0.7071), (1e-5, 0.0995), (1e-6, 0.0100)])
def test_epsilon_inside_the_root_is_a_floor_for_small_gradients(g: float, share: float) -> None:
    """The first step over alpha is g / sqrt(g^2 + 1e-8), where PyTorch's is nearly 1."""
    for kind, wanted in ((TextbookAdam, share), (optim.Adam, g / (g + 1e-8))):
        theta = nn.Parameter(torch.zeros(1, dtype=torch.float64))
        theta.grad = torch.full_like(theta, g)
        kind([theta], lr=1.0, eps=1e-8).step()
        assert -theta.item() == pytest.approx(wanted, abs=5e-5)


def test_momentum_keeps_its_last_step_under_a_schedule_where_pytorch_rescales_it() -> None:
    def step(t: int, g: float, memory: dict[str, float]) -> float:
        memory["m"] = 0.9 * memory["m"] - 0.02 * 0.5 ** (t - 1) * g
        return memory["m"]

    ours = walk(lambda p: TextbookMomentum(p, 0.02), 20, lambda t: 0.5**t)
    agree(ours, formula(step, 20))
    torchs = walk(lambda p: optim.SGD(p, 0.02, momentum=0.9), 20, lambda t: 0.5**t)
    assert (ours - torchs).abs().max() > 0.1
    constant = walk(lambda p: optim.SGD(p, 0.02, momentum=0.9), 20)
    agree(walk(lambda p: TextbookMomentum(p, 0.02), 20), constant)


def test_momentum_is_a_weighted_sum_of_all_gradients() -> None:
    theta = nn.Parameter(torch.zeros(1, dtype=torch.float64))
    optimizer = TextbookMomentum([theta], 0.1)
    before, gradients = 0.0, [3.0, -1.0, 4.0, 1.5]
    for g in gradients:
        before = theta.item()
        theta.grad = torch.full_like(theta, g)
        optimizer.step()
    total = sum(0.9 ** (3 - k) * g for k, g in enumerate(gradients))
    assert theta.item() - before == pytest.approx(-0.1 * total, abs=1e-15)


@pytest.mark.parametrize("schedule", [lambda _: 1.0, lambda t: 1 / (1 + t)])
def test_nesterov_takes_the_gradient_ahead(schedule: Callable[[int], float]) -> None:
    """Against eq. 7.18 taken literally, with the gradient computed at the shifted point."""
    theta, move, path, ahead = list(START), [0.0, 0.0], [], []
    for t in range(20):
        point = [x + 0.9 * m for x, m in zip(theta, move, strict=True)]
        g = slope(tuple(point))
        move = [0.9 * m - 0.02 * schedule(t) * d for m, d in zip(move, g, strict=True)]
        theta = [x + m for x, m in zip(theta, move, strict=True)]
        path.append(theta)
        ahead.append([x + 0.9 * m for x, m in zip(theta, move, strict=True)])

    built = []

    def ours(params: list[nn.Parameter]) -> optim.Optimizer:
        built.append(TextbookNesterov(params, 0.02))
        return built[0]

    found = walk(ours, 20, schedule)
    agree(found, torch.tensor(ahead, dtype=torch.float64))
    (param,) = built[0].param_groups[0]["params"]
    with built[0].settled():
        agree(param.detach(), torch.tensor(path[-1], dtype=torch.float64))
    assert torch.equal(param.detach(), found[-1])


def test_pytorchs_nesterov_holds_the_look_ahead_point_for_a_constant_rate() -> None:
    torchs = walk(lambda p: optim.SGD(p, 0.02, momentum=0.9, nesterov=True), 20)
    agree(walk(lambda p: TextbookNesterov(p, 0.02), 20), torchs)


@pytest.mark.parametrize(
    ("first", "second", "peer"),
    [
        (Latest(), None, lambda p: optim.SGD(p, 0.02)),
        (Sum(0.9), None, lambda p: optim.SGD(p, 0.02, momentum=0.9)),
        (Latest(), Sum(), lambda p: optim.Adagrad(p, 0.02, eps=0)),
        (Latest(), Average(0.9), lambda p: optim.RMSprop(p, 0.02, alpha=0.9, eps=0)),
        (
            Average(0.9, corrected=True),
            Average(0.99, corrected=True),
            lambda p: optim.Adam(p, 0.02, betas=(0.9, 0.99), eps=0),
        ),
    ],
)
def test_the_general_form_reduces_to_each(
    first: Moment, second: Moment | None, peer: Optimizer
) -> None:
    ours = walk(lambda p: GeneralOptimizer(p, 0.02, first=first, second=second, eps=0), 30)
    agree(ours, walk(peer, 30))


def test_tensorflows_rmsprop_is_stable_baselines3s() -> None:
    ours = walk(lambda p: make_optimizer("tensorflow-rmsprop", p, lr=0.01, eps=1e-5), 30)
    agree(ours, walk(lambda p: RMSpropTFLike(p, 0.01, alpha=0.99, eps=1e-5), 30))


def test_parameters_without_a_gradient_do_not_age() -> None:
    late, early = (nn.Parameter(torch.ones(2, dtype=torch.float64)) for _ in range(2))
    optimizer = TextbookAdam([early, late], lr=0.1)
    early.grad = torch.ones_like(early)
    optimizer.step()
    late.grad = torch.ones_like(late)
    optimizer.step()
    assert torch.equal(late.detach(), torch.full_like(late, 1 - 0.1 / sqrt(1 + 1e-8)))


def test_a_closure_is_called_and_states_come_back() -> None:
    torch.manual_seed(0)
    x, network = torch.randn(8, 3), nn.Linear(3, 1)
    optimizer = make_optimizer("textbook-adam", network.parameters(), lr=0.1)

    def loss() -> float:
        optimizer.zero_grad()
        value: Tensor = network(x).square().mean()
        value.backward()
        return value.item()

    first, second = optimizer.step(loss), optimizer.step(loss)
    assert first > second
    twin = nn.Linear(3, 1)
    twin.load_state_dict(network.state_dict())
    again = make_optimizer("textbook-adam", twin.parameters(), lr=0.1)
    again.load_state_dict(deepcopy(optimizer.state_dict()))
    optimizer.step(loss)
    for ours, param in zip(twin.parameters(), network.parameters(), strict=True):
        assert param.grad is not None
        ours.grad = param.grad.clone()
    again.step()
    assert torch.equal(twin.weight, network.weight)


def test_every_name_makes_an_optimizer_that_descends() -> None:
    for name in optimizer_names():
        path = walk(lambda p, name=name: make_optimizer(name, p, lr=1e-3), 50)  # type: ignore[misc]
        assert (path[-1].abs() < torch.tensor(START, dtype=torch.float64).abs()).all(), name


def test_pytorchs_optimizers_take_their_fast_path() -> None:
    weights = [nn.Parameter(torch.zeros(2))]
    for name in ("sgd", "momentum", "adam", "adamw", "adagrad"):
        assert make_optimizer(name, weights, lr=0.1).defaults["fused"], name
    assert make_optimizer("rmsprop", weights, lr=0.1).defaults["foreach"]
    assert not make_optimizer("adam", weights, fused=False).defaults["fused"]
    whole = nn.Parameter(torch.zeros(2, dtype=torch.int64), requires_grad=False)
    assert (
        "fused" not in make_optimizer("sgd", [whole], lr=0.1).defaults
        or not make_optimizer("sgd", [whole], lr=0.1).defaults["fused"]
    )


def test_parameter_groups_keep_their_settings() -> None:
    a, b = (nn.Parameter(torch.zeros(1)) for _ in range(2))
    groups: list[dict[str, Any]] = [{"params": iter([a])}, {"params": [b], "lr": 0.5}]
    for name in ("adam", "textbook-adam"):
        groups[0]["params"] = iter([a])
        optimizer = make_optimizer(name, groups, lr=0.1)
        assert [group["lr"] for group in optimizer.param_groups] == [0.1, 0.5]


@pytest.mark.parametrize("name", ["adam", "rmsprop", "textbook-adam", "textbook-nesterov"])
def test_stable_baselines3_takes_them_by_name(name: str) -> None:
    kwargs = policy_kwargs("mlp", hidden=(8,), optimizer=name)
    model = PPO("MlpPolicy", "CartPole-v1", 1e-2, 16, 16, n_epochs=1, policy_kwargs=kwargs)
    before = [p.clone() for p in model.policy.parameters()]
    model.learn(16)
    moved = [not torch.equal(a, b) for a, b in zip(before, model.policy.parameters(), strict=True)]
    assert all(moved)
    kind = {"adam": optim.Adam, "rmsprop": optim.RMSprop, "textbook-adam": TextbookAdam}
    assert type(model.policy.optimizer) is kind.get(name, TextbookNesterov)
    if name == "adam":
        assert model.policy.optimizer.defaults["eps"] == 1e-5


def test_mistakes_are_explained() -> None:
    weights = [nn.Parameter(torch.zeros(2))]
    with pytest.raises(KeyError, match=r"unknown optimizer 'adm'. Did you mean 'adam'"):
        make_optimizer("adm", weights)
    with pytest.raises(TypeError, match=r"setting of adam 'beta'. Did you mean 'betas'"):
        make_optimizer("adam", weights, beta=0.9)
    for name in ("adam", "textbook-adam"):
        with pytest.raises(ValueError, match=r"finite and not negative; got lr=-0.1"):
            make_optimizer(name, weights, lr=-0.1)
    with pytest.raises(ValueError, match=r"not negative; got lr=-1"):
        TextbookAdam([{"params": weights, "lr": -1.0}])
    with pytest.raises(ValueError, match=r"momentum must lie in \[0, 1\), got 1"):
        TextbookMomentum(weights, momentum=1.0)
    with pytest.raises(ValueError, match=r"beta of an average must lie in \[0, 1\), got 1.5"):
        TextbookRMSprop(weights, beta=1.5)
    with pytest.raises(ValueError, match=r"rho of a sum must lie in"):
        Sum(2.0)
    with pytest.raises(ValueError, match="got eps=-1"):
        TextbookAdam(weights, eps=-1.0)
    with pytest.raises(ValueError, match="initial_square is not negative"):
        TextbookRMSprop(weights, initial_square=-1.0)
    weights[0].grad = torch.zeros(2).to_sparse()
    with pytest.raises(ValueError, match="SparseAdam"):
        TextbookAdam(weights).step()


def with_gradient(*values: float) -> nn.Parameter:
    param = nn.Parameter(torch.zeros(len(values), dtype=torch.float64))
    param.grad = torch.tensor(values, dtype=torch.float64)
    return param


def test_clipping_by_value_may_be_asymmetric() -> None:
    param = with_gradient(-5.0, -0.5, 0.5, 5.0)
    clip_by_value([param, nn.Parameter(torch.zeros(1))], -1.0, 2.0)
    assert param.grad is not None
    assert param.grad.tolist() == [-1.0, -0.5, 0.5, 2.0]


def test_clipping_by_norm_is_joint_exact_and_only_above_the_limit() -> None:
    params = [with_gradient(3.0, 0.0), with_gradient(4.0)]
    assert clip_by_norm(params, 1.0).item() == 5.0
    gradients = [p.grad.tolist() for p in params if p.grad is not None]
    assert gradients == [[pytest.approx(0.6, abs=1e-15), 0.0], [pytest.approx(0.8, abs=1e-15)]]
    small = with_gradient(3.0, 4.0)
    assert clip_by_norm(small, 5.0).item() == 5.0
    assert small.grad is not None
    assert small.grad.tolist() == [3.0, 4.0]
    assert clip_by_norm([nn.Parameter(torch.zeros(1))], 1.0) == 0


def test_wrong_clipping_is_explained() -> None:
    with pytest.raises(ValueError, match=r"low < high; got \[1.0, -1.0\]"):
        clip_by_value([with_gradient(1.0)], 1.0, -1.0)
    with pytest.raises(ValueError, match="is positive; got 0"):
        clip_by_norm([with_gradient(1.0)], 0.0)
    with pytest.raises(ValueError, match="norm of the gradient is nan"):
        clip_by_norm([with_gradient(float("nan"))], 1.0)
