"""Gradient steps: the compiled one against PyTorch's."""

from typing import Any

import pytest

torch = pytest.importorskip("torch")

from rlkit.agents.deep import NotFiniteError  # noqa: E402
from rlkit.agents.deep.arithmetic.choice import make_descent  # noqa: E402
from rlkit.agents.deep.arithmetic.compiled import AdamDescent  # noqa: E402
from rlkit.agents.deep.arithmetic.descent import TorchDescent  # noqa: E402
from rlkit.nets import make_optimizer  # noqa: E402


def flat(size: int) -> Any:
    parameters = torch.nn.Parameter(torch.linspace(-1.0, 1.0, size))
    parameters.grad = torch.zeros(size)
    return parameters


@pytest.mark.parametrize("longest", [None, 0.5])
@pytest.mark.parametrize("kind", [AdamDescent, TorchDescent])
def test_adam_descends_as_pytorch_does(kind: Any, longest: float | None) -> None:
    """Every other gradient is longer than .5; the rate changes on the way."""
    ours, theirs = flat(301), torch.nn.Parameter(flat(301).detach().clone())
    optimizers = [torch.optim.Adam([p], lr=1e-2, eps=1e-5) for p in (ours, theirs)]
    descent = kind(optimizers[0], ours, longest)
    noise = torch.Generator().manual_seed(0)
    for step in range(100):
        gradient = torch.randn(301, generator=noise) * (0.1 if step % 2 else 0.01)
        ours.grad += gradient
        theirs.grad = gradient
        if longest is not None:
            torch.nn.utils.clip_grad_norm_([theirs], longest)
        for optimizer in optimizers:
            optimizer.param_groups[0]["lr"] = 1e-2 / (step + 1)
        descent(step)
        optimizers[1].step()

    torch.testing.assert_close(ours, theirs, atol=2e-6, rtol=1e-5)
    assert not ours.grad.any()
    for name, wanted in optimizers[1].state[theirs].items():
        torch.testing.assert_close(optimizers[0].state[ours][name], wanted)


@pytest.mark.parametrize("kind", [AdamDescent, TorchDescent])
def test_what_is_not_finite_leaves_everything_as_it_was(kind: Any) -> None:
    parameters = flat(3)
    descent = kind(torch.optim.Adam([parameters]), parameters, 0.5)
    before = parameters.detach().clone()
    parameters.grad[1] = float("nan")

    with pytest.raises(NotFiniteError, match="at step 7"):
        descent(7)
    torch.testing.assert_close(parameters.detach(), before, atol=0, rtol=0)


def test_only_plain_adam_is_compiled() -> None:
    names = {"adam": AdamDescent, "amsgrad": TorchDescent, "adamw": TorchDescent}
    for name, kind in names.items():
        parameters = flat(3)
        optimizer = make_optimizer(name, [parameters], lr=1e-3)
        assert type(make_descent(optimizer, parameters, None)) is kind
