"""Chapter 5: convolutions by loops and by SciPy, LeNet-5 by the chapter's figures."""

from itertools import product

import numpy as np
import pytest
import torch
from scipy.signal import convolve2d as scipy_convolve2d
from scipy.signal import correlate2d
from torch import Tensor, nn
from torch.nn import functional

from rlkit.nets import (
    LENET_TABLE,
    Bottleneck,
    FixedCodes,
    ImpalaCNN,
    Inception,
    InceptionCNN,
    LeNet5,
    LocallyConnected2d,
    NatureCNN,
    PreActivationUnit,
    ResidualCNN,
    ResidualUnit,
    TableConv2d,
    TrainablePooling,
    conv2d_shape,
    convolve2d,
    summary,
)


def normal(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def randomise(net: nn.Module) -> nn.Module:
    net.double()
    with torch.no_grad():
        for index, parameter in enumerate(net.parameters()):
            parameter.copy_(0.3 * normal(*parameter.shape, seed=index))
    return net


def test_true_convolution_and_cross_correlation() -> None:
    x, w = normal(1, 1, 7, 6), normal(1, 1, 3, 2, seed=1)
    full = scipy_convolve2d(x[0, 0].numpy(), w[0, 0].numpy(), mode="valid")
    np.testing.assert_allclose(convolve2d(x, w)[0, 0].numpy(), full, atol=1e-12)
    crossed = correlate2d(x[0, 0].numpy(), w[0, 0].numpy(), mode="valid")
    np.testing.assert_allclose(functional.conv2d(x, w)[0, 0].numpy(), crossed, atol=1e-12)


@pytest.mark.parametrize(
    ("m", "k", "stride", "padding", "dilation"),
    [
        *[(n, m, 1, 0, 1) for n, m in ((7, 3), (8, 5))],
        *list(product((8, 9), (2, 3), (1, 2, 3), (0, 1), (1, 2))),
    ],
)
def test_output_sizes_parameters_and_macs(
    m: int, k: int, stride: int, padding: int, dilation: int
) -> None:
    shape = conv2d_shape((3, m, m + 1), 4, (k, k), stride, padding, dilation)
    layer = nn.Conv2d(3, 4, k, stride, padding, dilation)
    assert shape.output == tuple(layer(torch.zeros(1, 3, m, m + 1)).shape[1:])
    assert shape.parameters == sum(p.numel() for p in layer.parameters())
    counted = summary(layer, (3, m, m + 1))
    assert (shape.connections, shape.macs) == (counted.connections, counted.macs)
    assert shape.connections == shape.parameters * shape.output[1] * shape.output[2]


def test_narrow_equal_width_and_wide_convolutions() -> None:
    n, m = 9, 5
    assert conv2d_shape((1, n, n), 1, m).output[1] == n - m + 1
    assert conv2d_shape((1, n, n), 1, m, padding=(m - 1) // 2).output[1] == n
    assert conv2d_shape((1, n, n), 1, m, padding=m - 1).output[1] == n + m - 1
    same = nn.Conv2d(1, 1, m, padding="same")
    assert same(torch.zeros(1, 1, n, n)).shape[2] == n
    with pytest.raises(ValueError, match="padding='same' is not supported for strided"):
        nn.Conv2d(1, 1, m, stride=2, padding="same")


def test_the_examination_question() -> None:
    shape = conv2d_shape((3, 97, 97), 15, 9, stride=2)
    assert shape.output == (15, 45, 45)
    assert (shape.parameters, shape.connections, shape.macs) == (3660, 7_411_500, 7_381_125)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (((3, 5), 1, 3), r"\(maps, rows, columns\)"),
        (((3, 5, 5), 0, 3), "all positive"),
        (((3, 5, 5), 1, 7), "a kernel that spans 7 does not fit an input of 5 with padding 0"),
        (((3, 5, 5), 1, 0), "kernel_size is an integer >= 1"),
        (((3, 5, 5), 1, (3, 3, 3)), "kernel_size is an integer >= 1 or two"),
        (((3, 5, 5), 1, 3, 0), "stride is an integer >= 1"),
        (((3, 5, 5), 1, 3, 1, -1), "padding is an integer >= 0"),
    ],
)
def test_impossible_shapes(arguments: tuple[object, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        conv2d_shape(*arguments)  # type: ignore[arg-type]


def test_a_layer_by_loops() -> None:
    layer = randomise(nn.Conv2d(2, 3, (2, 3)))
    x = normal(1, 2, 4, 5, seed=9)
    W, b = (parameter.detach() for parameter in layer.parameters())
    expected = torch.zeros(3, 3, 3, dtype=torch.float64)
    for p, i, j in product(range(3), range(3), range(3)):
        z = b[p].clone()
        for d, u, v in product(range(2), range(2), range(3)):
            z += W[p, d, u, v] * x[0, d, i + u, j + v]
        expected[p, i, j] = z
    torch.testing.assert_close(layer(x)[0].detach(), expected)


def test_sharing_needs_m_plus_1_parameters_where_full_connection_needs_n_m() -> None:
    n, m = 20, 5
    shared = conv2d_shape((1, 1, n), 1, (1, m))
    assert shared.parameters == m + 1
    assert shared.connections == (m + 1) * (n - m + 1)
    assert nn.Linear(n, n - m + 1).weight.numel() == n * (n - m + 1)


def test_unshared_weights_by_loops_and_as_a_convolution_when_equal() -> None:
    layer = LocallyConnected2d((2, 4, 5), 3, 2)
    randomise(layer)
    x = normal(2, 2, 4, 5, seed=9)
    y = layer(x)
    assert y.shape == (2, 3, 3, 4)
    for p, i, j in product(range(3), range(3), range(4)):
        patch = x[1, :, i : i + 2, j : j + 2].flatten()
        position = i * 4 + j
        expected = patch @ layer.weight[position, p] + layer.bias[position, p]
        assert y[1, p, i, j].item() == pytest.approx(expected.item())
    assert summary(layer, x).layers[0].connections == 3 * 4 * 3 * (2 * 4 + 1)
    with pytest.raises(ValueError, match="a kernel of 5 does not fit"):
        LocallyConnected2d((1, 4, 4), 1, 5)


def test_pooling() -> None:
    x = torch.arange(16.0).reshape(1, 1, 4, 4)
    assert nn.MaxPool2d(2)(x).flatten().tolist() == [5, 7, 13, 15]
    assert nn.AvgPool2d(2)(x).flatten().tolist() == [2.5, 4.5, 10.5, 12.5]


def test_trainable_pooling() -> None:
    layer = TrainablePooling(2, activation=nn.Sigmoid())
    randomise(layer)
    x = normal(1, 2, 4, 6, seed=9)
    for d, i, j in product(range(2), range(2), range(3)):
        mean = x[0, d, 2 * i : 2 * i + 2, 2 * j : 2 * j + 2].mean()
        expected = torch.sigmoid(layer.weight[d, 0, 0] * mean + layer.bias[d, 0, 0])
        assert layer(x)[0, d, i, j].item() == pytest.approx(expected.item())
    assert sum(p.numel() for p in TrainablePooling(6).parameters()) == 12


def test_a_connection_table_by_loops() -> None:
    table = [(0, 2), (1,), (0, 1, 2)]
    layer = TableConv2d(table, 3, 2)
    randomise(layer)
    x = normal(1, 3, 4, 4, seed=9)
    y = layer(x)
    link = 0
    for p, row in enumerate(table):
        expected = torch.full((3, 3), layer.bias[p].item(), dtype=torch.float64)
        for d in row:
            kernel = layer.weight[link].detach().numpy()
            expected += torch.as_tensor(correlate2d(x[0, d].numpy(), kernel, mode="valid"))
            link += 1
        torch.testing.assert_close(y[0, p].detach(), expected)
    y.sum().backward()
    assert layer.weight.grad is not None
    assert layer.weight.grad.shape == (6, 2, 2)
    for wrong in ([()], [(0, 3)], [(1, 1)]):
        with pytest.raises(ValueError, match=r"each input map 0 ... 2 at most once"):
            TableConv2d(wrong, 3, 2)


def test_the_table_of_lenet_uses_each_map_ten_times() -> None:
    used = [d for row in LENET_TABLE for d in row]
    assert [used.count(d) for d in range(6)] == [10] * 6
    assert len(set(LENET_TABLE)) == 16
    assert [len(row) for row in LENET_TABLE] == [3] * 6 + [4] * 9 + [6]


LENET_LAYERS = [  # name, output, neurons, parameters, connections: chapter 5, section 5.3.1
    ("C1", (6, 28, 28), 4704, 156, 122_304),
    ("S2", (6, 14, 14), 1176, 12, 5_880),
    ("C3", (16, 10, 10), 1600, 1_516, 151_600),
    ("S4", (16, 5, 5), 400, 32, 2_000),
    ("C5", (120, 1, 1), 120, 48_120, 48_120),
    ("F6", (84,), 84, 10_164, 10_164),
    ("output", (10,), 10, 0, 840),
]


def test_lenet_has_the_figures_of_the_chapter() -> None:
    net = LeNet5()
    table = summary(net, (1, 32, 32))
    rows = [(r.name, r.output, r.neurons, r.parameters, r.connections) for r in table.layers]
    assert rows == LENET_LAYERS
    assert (table.parameters, table.connections) == (60_000, 340_908)
    assert sum(p.numel() for p in net.parameters()) == 60_000
    printed = str(table).splitlines()
    assert printed[3].split() == [
        *("C3", "TableConv2d", "16x10x10", "1,600", "1,516", "151,600", "150,000")
    ]
    assert printed[-1].split()[:3] == ["sum", "60,000", "340,908"]
    with pytest.raises(ValueError, match=r"\(N, 1, 32, 32\); got \(2, 1, 28, 28\)"):
        net(torch.zeros(2, 1, 28, 28))


def test_the_codes_of_lenet_are_distances() -> None:
    net = LeNet5()
    assert isinstance(net.output, FixedCodes)
    codes = net.output.codes
    assert codes.shape == (10, 84)
    assert set(codes.flatten().tolist()) == {-1.0, 1.0}
    logits = net.output(codes)
    assert torch.equal(logits.argmax(dim=1), torch.arange(10))
    assert logits.diagonal().tolist() == [0.0] * 10
    assert (logits - 1000 * torch.eye(10)).max() <= -4 * 4  # another code: 4 a pixel that differs


@pytest.mark.parametrize(
    "unit",
    [ResidualUnit(4, 4), Bottleneck(4, 2, 4), PreActivationUnit(4)],
    ids=lambda unit: type(unit).__name__,
)
def test_a_residual_unit_starts_as_the_identity_and_passes_gradients(unit: nn.Module) -> None:
    unit.double()
    x = normal(2, 4, 5, 5).requires_grad_()
    y = unit(x)
    through = x if isinstance(unit, PreActivationUnit) else x.relu()
    torch.testing.assert_close(y, through)
    (gradient,) = torch.autograd.grad(y.sum(), x)
    slope = torch.ones_like(x) if isinstance(unit, PreActivationUnit) else (x > 0).double()
    torch.testing.assert_close(gradient, slope)


def test_residual_units_are_their_formula() -> None:
    unit = ResidualUnit(3, 5, stride=2)
    randomise(unit)
    x = normal(2, 3, 6, 6, seed=9)
    w1, b1, w2, b2, w3, b3 = unit.parameters()
    f = functional.conv2d(x, w1, b1, stride=2, padding=1).relu()
    f = functional.conv2d(f, w2, b2, padding=1)
    torch.testing.assert_close(unit(x), (functional.conv2d(x, w3, b3, stride=2) + f).relu())


def test_a_one_by_one_convolution_is_a_linear_layer_on_channels() -> None:
    layer = randomise(nn.Conv2d(6, 4, 1))
    x = normal(2, 6, 3, 3, seed=9)
    W, b = layer.parameters()
    expected = (x.movedim(1, -1) @ W[:, :, 0, 0].T + b).movedim(-1, 1)
    torch.testing.assert_close(layer(x), expected)
    block = Bottleneck(256, 64, 256)
    weights = [p.numel() for name, p in block.named_parameters() if name.endswith("weight")]
    assert weights[-1] == 64 * 1 * 1 * 256 == 16_384


def test_a_bottleneck_saves_most_of_the_work() -> None:
    direct = conv2d_shape((256, 100, 100), 256, 3, padding=1).macs
    narrow = conv2d_shape((256, 100, 100), 64, 1).macs
    narrow += conv2d_shape((64, 100, 100), 256, 3, padding=1).macs
    assert direct == 5_898_240_000
    assert narrow == 1_638_400_000
    assert direct / narrow == pytest.approx(3.6)


def test_inception_is_four_paths_side_by_side() -> None:
    block = Inception(192, 64, (96, 128), (16, 32), 32)  # the first module of GoogLeNet
    assert block.out_channels == 256
    assert sum(p.numel() for p in block.parameters()) == 163_696
    small = Inception(3, 2, (2, 3), (1, 2), 2)
    randomise(small)
    x = normal(1, 3, 5, 5, seed=9)
    y = small(x)
    assert y.shape == (1, 9, 5, 5)
    w, b = list(small.parameters())[-2:]
    pooled = functional.max_pool2d(x, 3, stride=1, padding=1)
    torch.testing.assert_close(y[:, 7:], functional.conv2d(pooled, w, b).relu())


def test_networks_of_deep_rl_have_their_sizes() -> None:
    nature = summary(NatureCNN((4, 84, 84)), (4, 84, 84))
    assert [row.parameters for row in nature.layers] == [8_224, 32_832, 36_928, 1_606_144]
    assert nature.parameters == 1_684_128
    impala = ImpalaCNN((3, 64, 64))
    convolutions = [m for m in impala.modules() if isinstance(m, nn.Conv2d)]
    assert [c.out_channels for c in convolutions] == [16] * 5 + [32] * 10
    assert impala(torch.zeros(2, 3, 64, 64)).shape == (2, 256)
    assert impala.head[0].in_features == 32 * 8 * 8


@pytest.mark.parametrize("network", [ImpalaCNN, ResidualCNN, InceptionCNN])
def test_image_networks_read_any_size(network: type[ImpalaCNN]) -> None:
    for size in ((3, 5), (16, 16)):
        assert network((2, *size))(torch.zeros(3, 2, *size)).shape == (3, 256)
