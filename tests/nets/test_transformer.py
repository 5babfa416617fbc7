"""Chapter 8: Transformer stacks against PyTorch's, and the core with memory."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from rlkit.nets import (
    DecoderBlock,
    EncoderBlock,
    Gated,
    MultiHeadAttention,
    PositionwiseFFN,
    PostNorm,
    PreNorm,
    Transformer,
    TransformerDecoder,
    TransformerEncoder,
    causal_mask,
    padding_mask,
    self_attention,
)

B, T, S, D = 2, 5, 6, 8


def normal(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def randomise(net: nn.Module) -> Any:
    net.double()
    with torch.no_grad():
        for index, parameter in enumerate(net.parameters()):
            parameter.add_(0.2 * normal(*parameter.shape, seed=index))
    return net.eval()


def copy_attention(source: nn.MultiheadAttention, target: MultiHeadAttention) -> None:
    with torch.no_grad():
        weights, biases = source.in_proj_weight.chunk(3), source.in_proj_bias.chunk(3)
        for part, W, b in zip(
            (target.query, target.key, target.value), weights, biases, strict=True
        ):
            part.weight.copy_(W)
            part.bias.copy_(b)
        target.output.load_state_dict(source.out_proj.state_dict())


def copy_encoder(source: nn.TransformerEncoderLayer, target: EncoderBlock) -> None:
    copy_attention(source.self_attn, target.attention)
    target.ffn.inner.load_state_dict(source.linear1.state_dict())
    target.ffn.outer.load_state_dict(source.linear2.state_dict())
    target.attending.norm.load_state_dict(source.norm1.state_dict())
    target.feeding.norm.load_state_dict(source.norm2.state_dict())


@pytest.mark.parametrize(("residual", "norm_first"), [(PostNorm, False), (PreNorm, True)])
def test_an_encoder_block_is_pytorchs(
    residual: type[PostNorm] | type[PreNorm], norm_first: bool
) -> None:
    reference = randomise(
        nn.TransformerEncoderLayer(D, 2, 16, batch_first=True, norm_first=norm_first)
    )
    block = EncoderBlock(D, 2, 16, residual=residual).double()
    copy_encoder(reference, block)
    x, visible = normal(B, T, D), padding_mask(torch.tensor([5, 3]), T)
    expected = reference(x, src_key_padding_mask=~visible[:, 0])
    real = visible[:, 0]
    torch.testing.assert_close(block(x, visible)[real], expected[real])
    causal = causal_mask(T, T)
    torch.testing.assert_close(block(x, causal), reference(x, src_mask=~causal))


@pytest.mark.parametrize(("residual", "norm_first"), [(PostNorm, False), (PreNorm, True)])
def test_a_decoder_block_is_pytorchs(
    residual: type[PostNorm] | type[PreNorm], norm_first: bool
) -> None:
    reference = randomise(
        nn.TransformerDecoderLayer(D, 2, 16, batch_first=True, norm_first=norm_first)
    )
    block = DecoderBlock(D, 2, 16, residual=residual).double()
    copy_attention(reference.self_attn, block.attention)
    copy_attention(reference.multihead_attn, block.cross)
    block.ffn.inner.load_state_dict(reference.linear1.state_dict())
    block.ffn.outer.load_state_dict(reference.linear2.state_dict())
    for ours, theirs in zip(
        (block.attending, block.crossing, block.feeding),
        (reference.norm1, reference.norm2, reference.norm3),
        strict=True,
    ):
        ours.norm.load_state_dict(theirs.state_dict())
    x, source = normal(B, T, D), normal(B, S, D, seed=1)
    visible = padding_mask(torch.tensor([6, 4]), S)
    expected = reference(
        x, source, tgt_mask=~causal_mask(T, T), memory_key_padding_mask=~visible[:, 0]
    )
    torch.testing.assert_close(block(x, source, visible), expected)


def test_the_stacks_have_the_papers_size_without_pytorchs_last_norms() -> None:
    with torch.device("meta"):
        stacks = [TransformerEncoder(), TransformerDecoder()]
        reference = nn.Transformer(batch_first=True)
    parameters = sum(p.numel() for stack in stacks for p in stack.parameters())
    assert sum(p.numel() for p in reference.parameters()) == 44_140_544
    assert parameters == 44_140_544 - 2 * 2 * 512
    assert isinstance(TransformerEncoder(8, 2, 1, 8, residual=PreNorm).closing, nn.LayerNorm)


def test_stacks_apply_their_blocks_in_order_and_hide_the_future() -> None:
    encoder = randomise(TransformerEncoder(D, 2, layers=2, hidden_size=16, residual=PreNorm))
    decoder = randomise(TransformerDecoder(D, 2, layers=2, hidden_size=16, residual=PreNorm))
    x, target = normal(B, S, D), normal(B, T, D, seed=1)
    visible = padding_mask(torch.tensor([6, 3]), S)
    first, second = encoder.blocks
    memory = encoder(x, visible)
    torch.testing.assert_close(memory, encoder.closing(second(first(x, visible), visible)))
    y = decoder(target, memory, visible)
    changed = target.clone()
    changed[:, 3:] += 1
    torch.testing.assert_close(decoder(changed, memory, visible)[:, :3], y[:, :3])
    padded = memory.clone()
    padded[1, 3:] += 1
    torch.testing.assert_close(decoder(target, padded, visible), y)


def test_the_feed_forward_network_is_its_formula() -> None:
    ffn = randomise(PositionwiseFFN(D, 12))
    x = normal(B, T, D)
    W1, b1, W2, b2 = ffn.parameters()
    torch.testing.assert_close(ffn(x), torch.relu(x @ W1.T + b1) @ W2.T + b2)


def test_layer_norm_is_its_formula() -> None:
    norm = randomise(nn.LayerNorm(D, eps=1e-3))
    x = normal(B, T, D)
    mean, variance = x.mean(-1, keepdim=True), x.var(-1, correction=0, keepdim=True)
    expected = norm.weight * (x - mean) / (variance + 1e-3).sqrt() + norm.bias
    torch.testing.assert_close(norm(x), expected)


def test_residual_connections_are_their_formulas() -> None:
    x, f = normal(B, T, D), nn.Linear(D, D).double()
    post, pre, gated = (randomise(kind(D)) for kind in (PostNorm, PreNorm, Gated))
    torch.testing.assert_close(post(x, f), post.norm(x + f(x)))
    torch.testing.assert_close(pre(x, f), x + f(pre.norm(x)))
    y = f(gated.norm(x)).relu()
    W_r, W_z, W_g = gated.from_y.weight.chunk(3)
    U_r, U_z = gated.from_x.weight.chunk(2)
    U_g = gated.from_kept.weight
    r = torch.sigmoid(y @ W_r.T + x @ U_r.T)
    z = torch.sigmoid(y @ W_z.T + x @ U_z.T - gated.bias)
    h = torch.tanh(y @ W_g.T + (r * x) @ U_g.T)
    torch.testing.assert_close(gated(x, f), (1 - z) * x + z * h)


def test_a_gated_block_starts_near_the_identity() -> None:
    x, f = normal(B, T, D), nn.Linear(D, D).double()
    moved = [(Gated(D, bias=bias).double()(x, f) - x).norm().item() for bias in (0.0, 2.0, 9.0)]
    assert moved[0] > 2 * moved[1] > 4 * moved[2]
    assert moved[2] < 0.01 * x.norm().item()


def by_definition(core: Transformer, x: Tensor) -> Tensor:
    """Y of the last token of an episode x `(T, e)`, each layer computed key by key."""
    heads, size, memory = 2, D // 2, core.memory
    tokens: Tensor = core.embed(x)
    steps = torch.arange(len(x))
    tokens = core.positions(tokens, steps)
    blocks: list[Any] = list(core.blocks)
    for block in blocks:
        attention: Any = block.attention
        new = []
        normed = block.attending.norm(tokens)
        Q, K, V = attention.project(normed).chunk(3, dim=-1)
        for t in range(len(x)):
            first, parts = max(0, t - memory), []
            for m in range(heads):
                own = slice(m * size, (m + 1) * size)
                scores = []
                for s in range(first, t + 1):
                    score = Q[t, own] @ K[s, own]
                    if hasattr(attention.bias, "project"):
                        table = attention.bias.project(attention.bias.distances)[t - s, own]
                        u, v = attention.bias.content[m, 0], attention.bias.position[m, 0]
                        score = score + u @ K[s, own] + (Q[t, own] + v) @ table
                    scores.append(score / size**0.5)
                weights = torch.stack(scores).softmax(dim=0)
                parts.append(weights @ V[first : t + 1, own])
            new.append(attention.output(torch.cat(parts)))
        attended = torch.stack(new)
        tokens = block.attending(tokens, lambda _, attended=attended: attended)
        tokens = block.feeding(tokens, block.ffn)
    result: Tensor = core.closing(tokens)[-1]
    return result


@pytest.mark.parametrize("relative", [True, False])
@pytest.mark.parametrize("residual", [PreNorm, Gated])
def test_the_core_is_its_definition(relative: bool, residual: type[PreNorm]) -> None:
    core = randomise(Transformer(3, D, heads=2, memory=3, residual=residual, relative=relative))
    x = normal(9, 1, 3)
    y, _ = core.unroll(x, core.initial_state(1), torch.zeros(9, 1))
    torch.testing.assert_close(y[-1, 0], by_definition(core, x[:, 0]))
    torch.testing.assert_close(y[1, 0], by_definition(core, x[:2, 0]))


@pytest.mark.parametrize("relative", [True, False])
@pytest.mark.parametrize("residual", [PreNorm, Gated, PostNorm])
def test_every_variant_steps_as_it_unrolls(relative: bool, residual: type[PreNorm]) -> None:
    core = randomise(Transformer(3, D, heads=2, memory=4, residual=residual, relative=relative))
    x, reset = normal(30, B, 3), torch.rand(30, B) < 0.1
    whole, _ = core.unroll(x, core.initial_state(B), reset)
    state, rows = core.initial_state(B), []
    for x_t, reset_t in zip(x, reset, strict=True):
        y, state = core.step(x_t, state, reset_t)
        rows.append(y)
    torch.testing.assert_close(torch.stack(rows), whole, atol=1e-9, rtol=0)
    assert whole.isfinite().all()


def test_a_token_sees_as_far_back_as_layers_times_memory_and_no_further() -> None:
    core = randomise(Transformer(3, D, layers=2, heads=2, memory=3))
    x = normal(12, 1, 3).requires_grad_()
    y, _ = core.unroll(x, core.initial_state(1), torch.zeros(12, 1))
    (gradient,) = torch.autograd.grad(y[-1].sum(), x)
    seen = gradient[:, 0].abs().sum(dim=1) > 0
    assert seen.tolist() == [False] * 5 + [True] * 7


def test_no_gradient_enters_the_memory() -> None:
    core = randomise(Transformer(3, D, heads=2, memory=3))
    x = normal(6, 1, 3).requires_grad_()
    none = torch.zeros(6, 1)
    _, state = core.unroll(x[:3], core.initial_state(1), none[:3])
    assert not any(part.requires_grad for part in state)
    y, _ = core.unroll(x[3:], state, none[3:])
    assert torch.autograd.grad(y.sum(), x)[0][:3].abs().max() == 0


def test_widths_memories_and_layers_that_cannot_be() -> None:
    with pytest.raises(ValueError, match="4 heads cannot share a model size of 63"):
        Transformer(3, model_size=63)
    with pytest.raises(ValueError, match="at least 1; got 0 and 2"):
        Transformer(3, memory=0)


def test_a_cached_step_costs_less_than_encoding_a_window_of_64() -> None:
    """By how much is a study of speed; here no more than that the cache is used."""
    core = Transformer(16, model_size=64, memory=63)
    window, none = torch.randn(64, 8, 16), torch.zeros(64, 8)
    with torch.no_grad():
        _, state = core.unroll(window, core.initial_state(8), none)
        with FlopCounterMode(display=False) as step:
            core.step(window[-1], state, none[-1])
        with FlopCounterMode(display=False) as whole:
            core.unroll(window, core.initial_state(8), none)
    assert whole.get_total_flops() > 10 * step.get_total_flops()


def test_costs_of_a_layer_grow_as_the_chapters_table_says() -> None:
    """Multiply-accumulates: n^2 d of attention, n d^2 of recurrence, k n d^2 of convolution."""

    def flops(layer: Callable[..., Tensor], *arguments: Tensor) -> int:
        with FlopCounterMode(display=False) as counter:
            layer(*arguments)
        return int(counter.get_total_flops())

    def attention(n: int, d: int) -> int:
        x, W = torch.randn(n, d), torch.randn(d, d)
        return flops(self_attention, x, W, W, W) - 3 * 2 * n * d * d  # without the projections

    assert attention(16, 8) == 2 * 2 * 16 * 16 * 8
    assert attention(32, 8) == 4 * attention(16, 8)
    for n, d, k in ((16, 8, 3), (32, 8, 3), (16, 16, 5)):
        convolution = nn.Conv1d(d, d, k, padding="same")
        assert flops(convolution, torch.randn(1, d, n)) == 2 * k * n * d * d
        recurrence = nn.Linear(d, d)  # U h, once a step
        assert n * flops(recurrence, torch.randn(1, d)) == 2 * n * d * d
