"""Acting without torch gives torch's scores, and draws from the right distribution."""

import re
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from gymnasium import spaces  # noqa: E402
from torch import nn  # noqa: E402

from rlkit.agents.deep import PPO  # noqa: E402
from rlkit.agents.deep.arithmetic.compiled import DenseScorer  # noqa: E402
from rlkit.agents.deep.arithmetic.dense import dense_layers  # noqa: E402
from rlkit.agents.deep.arithmetic.flat import choose_device, flatten  # noqa: E402
from rlkit.agents.deep.arithmetic.kernels import draw_actions  # noqa: E402
from rlkit.agents.deep.arithmetic.scoring import TorchScorer  # noqa: E402
from rlkit.agents.deep.experience.encoding import encoding_of  # noqa: E402
from rlkit.agents.deep.policy_networks import ActorCriticNetwork  # noqa: E402
from rlkit.nets import make_core  # noqa: E402


@pytest.mark.parametrize("activation", [nn.Tanh, nn.ReLU])
def test_the_compiled_forward_pass_is_torchs(activation: Any) -> None:
    cores = [
        make_core("mlp", (2, 3), seed=s, hidden=(16, 8), activation=activation) for s in (0, 1)
    ]
    network = ActorCriticNetwork(cores[0], cores[1], 4, seed=0)
    flat = flatten(network)
    layers = dense_layers(network.actor, network.policy_head)
    assert layers is not None
    dense, plain = DenseScorer(*layers), TorchScorer(network, torch.device("cpu"))
    x = np.random.default_rng(0).normal(size=(5, 2, 3)).astype(np.float32)
    opens = np.zeros(5, np.bool_)

    for _ in range(2):
        np.testing.assert_allclose(dense(x, (), opens)[0], plain(x, (), opens)[0], atol=1e-6)
        with torch.no_grad():  # an optimizer's step is seen at once
            flat.add_(torch.linspace(-0.1, 0.1, len(flat)))


def test_networks_that_are_no_plain_mlp_are_left_to_torch() -> None:
    head = nn.Linear(8, 2)

    assert dense_layers(make_core("gru", (3,), hidden_size=8), head) is None
    assert dense_layers(make_core("mlp", (3,), hidden=(8,), activation=nn.SiLU), head) is None


def test_a_flat_network_shares_its_memory() -> None:
    network = nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 2))
    before = [p.detach().clone() for p in network.parameters()]
    flat = flatten(network)
    for p, old in zip(network.parameters(), before, strict=True):
        torch.testing.assert_close(p.detach(), old)

    network(torch.ones(1, 3)).sum().backward()
    assert flat.grad is not None
    assert flat.grad[-2:].tolist() == [1.0, 1.0]  # of the last biases
    with torch.no_grad():
        flat.zero_()
    assert all(not p.any() for p in network.parameters())


def test_actions_are_drawn_from_the_masked_softmax() -> None:
    """100,000 draws: each frequency lies within 5 standard errors."""
    rows, logits = 100_000, np.array([0.0, 1.0, 2.0, 5.0], np.float32)
    scores = np.tile(logits, (rows, 1))
    masks = np.tile(np.array([1, 1, 1, 0], np.int8), (rows, 1))
    drawn, logs = draw_actions(scores, masks, np.uint64(7), np.uint64(0))

    probs = np.exp(logits[:3]) / np.exp(logits[:3]).sum()
    np.testing.assert_allclose(np.exp(logs[:50]), probs[drawn[:50]], rtol=1e-5)
    frequencies = np.bincount(drawn, minlength=4) / rows
    assert frequencies[3] == 0.0
    assert (np.abs(frequencies[:3] - probs) < 5 * np.sqrt(probs * (1 - probs) / rows)).all()


def test_a_draw_depends_on_its_number_alone() -> None:
    scores = np.zeros((6, 5), np.float32)
    none = np.ones((0, 5), np.int8)
    whole, _ = draw_actions(scores, none, np.uint64(3), np.uint64(10))
    later, _ = draw_actions(scores[:4], none, np.uint64(3), np.uint64(12))

    np.testing.assert_array_equal(whole[2:], later)


def test_where_nothing_is_legal_no_action_is_drawn() -> None:
    masks = np.array([[1, 0], [0, 0]], np.int8)
    drawn, _ = draw_actions(np.zeros((2, 2), np.float32), masks, np.uint64(3), np.uint64(0))

    np.testing.assert_array_equal(drawn, [0, -1])


def test_a_device_that_is_not_there_is_named() -> None:
    if torch.cuda.is_available():
        pytest.skip("this machine has a GPU")
    with pytest.raises(ValueError, match="'cuda' is not there"):
        PPO("CartPole-v1", device="cuda")
    assert choose_device("auto", nn.Linear(2000, 1000)).type == "cpu"


@pytest.mark.parametrize("shape", [(8,), (2, 2), (4, 1), (2, 3, 4), (3,), ()])
def test_an_observation_of_another_shape_is_refused(shape: tuple[int, ...]) -> None:
    agent = PPO("CartPole-v1", seed=0, num_envs=1)
    wanted = re.escape(f"shape (4,), or a batch of them, (N, 4); got shape {shape}")

    with pytest.raises(ValueError, match=wanted):
        agent.predict(np.zeros(shape, np.float32))
    assert np.shape(agent.predict(np.zeros((3, 4), np.float32))[0]) == (3,)


def test_every_part_of_an_observation_has_its_shape() -> None:
    parts = spaces.Dict({"at": spaces.Box(0, 1, (2,)), "to": spaces.Box(0, 1, (3,))})
    encoding = encoding_of(parts)

    assert encoding.batched({"at": np.zeros((5, 2)), "to": np.zeros((5, 3))})
    assert not encoding.batched({"at": np.zeros(2), "to": np.zeros(3)})
    with pytest.raises(ValueError, match=r"shape \(3,\)"):
        encoding.batched({"at": np.zeros(2), "to": np.zeros(2)})
