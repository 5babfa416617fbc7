"""The page of the course's questions, answered with the toolkit."""

from math import prod

import torch
from torch import Tensor, nn

from rlkit.nets import LSTM, Recurrent, conv2d_shape, fit, least_squares, squared_loss, summary
from rlkit.nets.optimizers import make
from studies.course import attention, cabin, signals, surfaces, theorems
from studies.course.style import fill, table


def render() -> str:
    """Return the page."""
    essay = cabin.answer()
    return fill(
        "exam.md",
        **_convolution(),
        **_attention(),
        **_theorems(),
        **_momentum(),
        **_dimensions(),
        **_stochastic(),
        **_memories(),
        elements=essay.elements,
        returns=table(
            ["policy", "expected discounted return, exact"],
            [[name, f"{value:.3f}"] for name, value in essay.returns.items()],
        ),
    )


def _convolution() -> dict[str, object]:
    shape = conv2d_shape((3, 97, 97), 15, 9, stride=2)
    layer = nn.Conv2d(3, 15, 9, stride=2)
    found = summary(layer, (3, 97, 97))
    dense = 97 * 97 * 3 * prod(shape.output) + prod(shape.output)
    if (found.parameters, found.connections) != (shape.parameters, shape.connections):
        raise AssertionError("PyTorch's layer and the formula disagree")
    return {
        "side": shape.output[1],
        "values": f"{prod(shape.output):,}",
        "parameters": f"{shape.parameters:,}",
        "connections": f"{shape.connections:,}",
        "macs": f"{shape.macs:,}",
        "dense": f"{dense:,}",
        "times": f"{dense // shape.parameters:,}",
    }


def _attention() -> dict[str, object]:
    steps = attention.worked_example()
    labels = {"scores": "scores q·k", "weights": "weights", "H": "output h"}
    rows = [
        [f"x{i + 1} = {_vector(steps['X'][i])}", *(_vector(steps[name][i]) for name in labels)]
        for i in range(3)
    ]
    return {
        "attention": table(["token", *labels.values()], rows),
        "scaled": _vector(attention.scaled_example()[2]),
    }


def _theorems() -> dict[str, object]:
    rows = [
        [
            name,
            f"{theorems.mean_best(search, 2):.4f}",
            f"{theorems.mean_best(search, 2, rising=True):.4f}",
        ]
        for name, search in theorems.SEARCHES.items()
    ]
    (shared,) = theorems.shared_predicates(5)
    return {
        "problems": theorems.VALUES**theorems.POINTS,
        "searches": table(["search", "mean over all problems", "over those with one peak"], rows),
        "shared": shared,
    }


def _momentum() -> dict[str, object]:
    rows = []
    for name, label in (
        ("sgd", "gradient descent"),
        ("textbook-momentum", "momentum"),
        ("textbook-nesterov", "Nesterov"),
    ):
        path = surfaces.descend(surfaces.BOWL, name, 0.03, 100)
        heights = [float(surfaces.BOWL.at(point)) for point in path]
        overshoot = max(0.0, -float(path[:, 1].min()))
        rows.append([label, f"{heights[50]:.1e}", f"{heights[100]:.1e}", f"{overshoot:.2f}"])
    head = ["method", "loss after 50 steps", "after 100", "overshoot across the valley"]
    return {"momentum": table(head, rows)}


def _dimensions() -> dict[str, object]:
    dimensions = (1, 2, 3, 4, 5)
    shares = [f"{surfaces.share_of_minima(d, 20_000):.4f}" for d in dimensions]
    return {
        "dimensions": table(
            ["dimension", *map(str, dimensions)], [["share that are minima", *shares]]
        )
    }


def _stochastic() -> dict[str, object]:
    """Descend on one regression with batches of several sizes, for as many gradients."""
    generator = torch.Generator().manual_seed(0)
    X = torch.randn(1000, 10, generator=generator, dtype=torch.float64)
    w = torch.randn(10, generator=generator, dtype=torch.float64)
    y = X @ w + 0.5 * torch.randn(1000, generator=generator, dtype=torch.float64)
    best = least_squares(X, y)
    at = torch.zeros(10, dtype=torch.float64)
    each = (X @ at - y)[:, None] * X
    variance = float((each - each.mean(dim=0)).square().sum(dim=1).mean())
    rows = []
    for size in (1, 10, 100, 1000):
        after = [_distance(X, y, best, size, epochs) for epochs in (1, 10)]
        spread = variance / size * (1000 - size) / 999
        rows.append([str(size), str(1000 // size), f"{spread:.3g}", *(f"{d:.3f}" for d in after)])
    head = [
        "batch K",
        "updates an epoch",
        "variance of the gradient",
        "distance to the optimum after 1 epoch",
        "after 10",
    ]
    return {"batches": table(head, rows)}


def _distance(X: Tensor, y: Tensor, best: Tensor, size: int, epochs: int) -> float:
    model = nn.Linear(10, 1, bias=False, dtype=torch.float64)
    nn.init.zeros_(model.weight)
    optimizer = make("sgd", model.parameters(), lr=0.02)
    fit(model, (X, y[:, None]), squared_loss, optimizer, epochs=epochs, batch_size=size)
    return float((model.weight.detach()[0] - best).norm())


def _memories() -> dict[str, object]:
    found = signals.memories()
    rows = [[name, f"{norms[0]:.0e}", f"{norms[-1]:.2f}"] for name, norms in found.items()]
    core = Recurrent(LSTM(4, 32))
    cell = sum(p.numel() for p in core.parameters())
    return {
        "memories": table(["network", "‖dy_100 / dx_1‖", "‖dy_100 / dx_100‖"], rows),
        "lstm_parameters": f"{cell:,}",
    }


def _vector(x: Tensor) -> str:
    return f"({', '.join(f'{value:.3f}'.rstrip('0').rstrip('.') for value in x.tolist())})"
