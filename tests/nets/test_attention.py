"""Chapter 8: scores, masks, mechanisms and heads, by loops and by PyTorch's own."""

from math import cos, exp, sin, sqrt

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from rlkit.nets import (
    AdditiveScore,
    BilinearScore,
    CosineScore,
    DotScore,
    HardAttention,
    LearnedPositions,
    MultiHeadAttention,
    ScaledDotScore,
    SinusoidalPositions,
    SoftAttention,
    causal_mask,
    masked_softmax,
    noam_rate,
    padding_mask,
    self_attention,
    sinusoids,
)

B, Q, N, D = 2, 3, 5, 4


def normal(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def queries_and_keys(query_size: int = D, key_size: int = D) -> tuple[Tensor, Tensor]:
    return normal(B, Q, query_size), normal(B, N, key_size, seed=1)


def pairwise(scores: Tensor, function: object, q: Tensor, x: Tensor) -> None:
    """Compare every score with a function of one query and one key."""
    assert callable(function)
    assert scores.shape == (B, Q, N)
    for b in range(B):
        for i in range(Q):
            for n in range(N):
                expected = float(function(x[b, n], q[b, i]))
                assert scores[b, i, n].item() == pytest.approx(expected, abs=1e-12)


def test_the_attention_distribution() -> None:
    scores = normal(B, N)
    weights = masked_softmax(scores, None)
    for b in range(B):
        total = sum(exp(s) for s in scores[b].tolist())
        expected = torch.tensor([exp(s) / total for s in scores[b].tolist()], dtype=torch.float64)
        torch.testing.assert_close(weights[b], expected)
    torch.testing.assert_close(weights.sum(dim=1), torch.ones(B, dtype=torch.float64))


def test_additive_score() -> None:
    score = AdditiveScore(3, D, hidden_size=6).double()
    q, x = queries_and_keys(query_size=3)
    W, U = score.from_key.weight.detach(), score.from_query.weight.detach()
    v = score.weight.weight.detach()[0]
    pairwise(score(q, x), lambda k, q: v @ torch.tanh(W @ k + U @ q), q, x)


def test_dot_score() -> None:
    q, x = queries_and_keys()
    pairwise(DotScore()(q, x), torch.dot, q, x)
    y = functional.scaled_dot_product_attention(q, x, x, scale=1.0)
    torch.testing.assert_close(SoftAttention(DotScore())(q, x)[0], y)


def test_scaled_dot_score_divides_by_the_root_of_the_size() -> None:
    q, x = queries_and_keys()
    pairwise(ScaledDotScore()(q, x), lambda k, q: torch.dot(k, q) / 2, q, x)  # sqrt(4)
    wide_q, wide_x = normal(300, 64), normal(300, 64, seed=1)
    assert DotScore()(wide_q, wide_x).var().item() == pytest.approx(64, rel=0.1)
    assert ScaledDotScore()(wide_q, wide_x).var().item() == pytest.approx(1, rel=0.1)
    torch.testing.assert_close(
        SoftAttention(ScaledDotScore())(q, x)[0],
        functional.scaled_dot_product_attention(q, x, x),
    )


def test_bilinear_score_is_asymmetric() -> None:
    score = BilinearScore(3, D).double()
    q, x = queries_and_keys(query_size=3)
    W = score.linear.weight.detach()
    pairwise(score(q, x), lambda k, q: k @ W @ q, q, x)
    square = BilinearScore(D, D).double()
    a, b = normal(1, D), normal(1, D, seed=1)
    assert (square(a, b) - square(b, a)).abs().item() > 1e-3


def test_cosine_score() -> None:
    q, x = queries_and_keys()
    pairwise(
        CosineScore(temperature=0.5)(q, x),
        lambda k, q: functional.cosine_similarity(k, q, dim=0) / 0.5,
        q,
        x,
    )
    assert CosineScore()(torch.zeros(1, D), x[0].float()).abs().max() == 0


def test_scores_of_one_size_refuse_two() -> None:
    q, x = queries_and_keys(query_size=3)
    for score in (DotScore(), ScaledDotScore(), CosineScore()):
        with pytest.raises(ValueError, match=r"got queries of 3 and keys of 4"):
            score(q, x)


def test_soft_attention_is_an_expectation_over_keys() -> None:
    q, x = queries_and_keys()
    y, weights = SoftAttention(DotScore())(q, x)
    loops = torch.stack(
        [
            torch.stack([sum(weights[b, i, n] * x[b, n] for n in range(N)) for i in range(Q)])
            for b in range(B)
        ]
    )
    torch.testing.assert_close(y, loops)


def test_key_value_attention_reads_other_values() -> None:
    q, x = queries_and_keys()
    values = normal(B, N, 7, seed=2)
    attention = SoftAttention(ScaledDotScore())
    y, weights = attention(q, x, values)
    torch.testing.assert_close(y, weights @ values)
    torch.testing.assert_close(y, functional.scaled_dot_product_attention(q, x, values))
    torch.testing.assert_close(attention(q, x, x)[0], attention(q, x)[0])


def test_hard_attention_samples_the_distribution_and_knows_its_logarithm() -> None:
    q, x = normal(1, 1, D).expand(4000, 1, D), normal(1, N, D, seed=1).expand(4000, N, D)
    attention = HardAttention(ScaledDotScore())
    _, weights = SoftAttention(ScaledDotScore())(q[:1], x[:1])
    values, log_prob, choice = attention(q, x, generator=torch.Generator().manual_seed(0))
    frequency = torch.bincount(choice.flatten(), minlength=N) / 4000
    spread = (weights * (1 - weights) / 4000).sqrt().flatten()
    assert ((frequency - weights.flatten()).abs() < 4 * spread).all()
    torch.testing.assert_close(log_prob.flatten(), weights.flatten()[choice.flatten()].log())
    torch.testing.assert_close(values[:, 0], x[0][choice.flatten()])
    best, _, index = attention(q[:1], x[:1])
    assert index.item() == weights.argmax().item()
    torch.testing.assert_close(best[0, 0], x[0, index.item()])


def test_the_score_function_gradient_of_hard_attention_is_unbiased() -> None:
    """E[f(z) d log p(z)] = d E[f(z)], by enumeration of z."""
    q = normal(1, 1, D).requires_grad_()
    x, rewards = normal(1, N, D, seed=1), normal(N, seed=3)
    _, weights = SoftAttention(ScaledDotScore())(q, x)
    (exact,) = torch.autograd.grad((weights.flatten() * rewards).sum(), q)
    attention = HardAttention(ScaledDotScore())
    mean, seen = torch.zeros_like(q), torch.zeros(N)
    generator = torch.Generator().manual_seed(1)
    while not seen.all():  # every outcome once, each weighed with its probability
        _, log_prob, choice = attention(q, x, generator=generator)
        n = int(choice)
        if not seen[n]:
            (slope,) = torch.autograd.grad(log_prob.sum(), q)
            mean += weights[0, 0, n].detach() * rewards[n] * slope
            seen[n] = 1
    torch.testing.assert_close(mean, exact)


def pytorch_heads(attention: MultiHeadAttention, size: int, heads: int) -> nn.MultiheadAttention:
    reference = nn.MultiheadAttention(size, heads, batch_first=True).double()
    parts = (attention.query, attention.key, attention.value)
    with torch.no_grad():
        reference.in_proj_weight.copy_(torch.cat([part.weight for part in parts]))
        reference.in_proj_bias.copy_(torch.cat([part.bias for part in parts]))
        reference.out_proj.weight.copy_(attention.output.weight)
        reference.out_proj.bias.copy_(attention.output.bias)
    return reference


def test_multi_head_attention_is_pytorchs_with_the_masks_turned_round() -> None:
    attention = MultiHeadAttention(8, 2).double()
    reference = pytorch_heads(attention, 8, 2)
    q, x = queries_and_keys(8, 8)
    lengths = torch.tensor([5, 2])
    visible = padding_mask(lengths, N)
    expected, weights = reference(
        q, x, x, key_padding_mask=~visible[:, 0], average_attn_weights=False
    )
    torch.testing.assert_close(attention(q, x, x, visible), expected)
    torch.testing.assert_close(attention.weights(q, x, x, visible), weights)
    causal = causal_mask(N, N)
    expected, _ = reference(x, x, x, attn_mask=~causal)
    torch.testing.assert_close(attention(x, x, x, causal), expected)
    assert sum(p.numel() for p in attention.parameters()) == 4 * 8 * 8 + 4 * 8


def test_multi_head_attention_by_loops_over_heads() -> None:
    attention = MultiHeadAttention(6, 3).double()
    q, x = queries_and_keys(6, 6)
    heads = []
    for m in range(3):
        rows = slice(2 * m, 2 * m + 2)
        part = [
            layer(z)[..., rows]
            for layer, z in ((attention.query, q), (attention.key, x), (attention.value, x))
        ]
        heads.append(SoftAttention(ScaledDotScore())(*part)[0])
    torch.testing.assert_close(attention(q, x, x), attention.output(torch.cat(heads, dim=-1)))


@pytest.mark.parametrize(("size", "heads"), [(7, 2), (10, 4), (4, 8), (4, 0)])
def test_heads_that_do_not_divide_the_model_are_an_error(size: int, heads: int) -> None:
    with pytest.raises(ValueError, match=rf"{heads} heads cannot share a model size of {size}"):
        MultiHeadAttention(size, heads)


def test_self_attention_by_hand() -> None:
    """The worked example of the examination: W = I, unscaled; here scaled by sqrt(2)."""
    x = torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]], dtype=torch.float64)
    eye = torch.eye(2, dtype=torch.float64)
    h, weights = SoftAttention(DotScore())(x, x)
    torch.testing.assert_close(
        h[[0, 2]], torch.tensor([[0.845, 0.578], [0.788, 0.788]]).double(), atol=5e-4, rtol=0
    )
    torch.testing.assert_close(
        weights[2], torch.tensor([0.212, 0.212, 0.576]).double(), atol=5e-4, rtol=0
    )
    torch.testing.assert_close(self_attention(x, sqrt(2) * eye, eye, eye), h)
    W_Q, W_K, W_V = (normal(4, 3, seed=seed) for seed in range(3))
    tokens = normal(B, N, 4, seed=5)
    torch.testing.assert_close(
        self_attention(tokens, W_Q, W_K, W_V),
        functional.scaled_dot_product_attention(tokens @ W_Q, tokens @ W_K, tokens @ W_V),
    )


def test_self_attention_does_not_know_the_order_without_positions() -> None:
    attention = MultiHeadAttention(8, 2).double()
    x = normal(1, N, 8)
    order = torch.tensor([3, 1, 4, 0, 2])
    shuffled = x[:, order]
    torch.testing.assert_close(
        attention(shuffled, shuffled, shuffled), attention(x, x, x)[:, order]
    )
    place = SinusoidalPositions(8)
    steps = torch.arange(N)
    y, z = place(x, steps), place(shuffled, steps)
    assert (attention(z, z, z) - attention(y, y, y)[:, order]).abs().max() > 1e-3


def test_padding_changes_nothing() -> None:
    attention = MultiHeadAttention(8, 2).double()
    q, x = queries_and_keys(8, 8)
    visible = padding_mask(torch.tensor([3, 3]), N)
    assert visible.tolist() == [[[True] * 3 + [False] * 2]] * 2
    torch.testing.assert_close(attention(q, x, x, visible), attention(q, x[:, :3], x[:, :3]))
    with pytest.raises(ValueError, match=r"values 0 ... 5"):
        padding_mask(torch.tensor([6]), 5)


def test_the_sequence_mask_hides_the_future_and_is_aligned_with_cached_keys() -> None:
    assert causal_mask(3, 3).tolist() == [[True, False, False], [True, True, False], [True] * 3]
    assert causal_mask(1, 5).tolist() == [[True] * 5]  # PyTorch's is_causal sees one key here
    assert causal_mask(2, 4).tolist() == [[True, True, True, False], [True] * 4]
    attention = MultiHeadAttention(8, 2).double()
    x = normal(1, N, 8).requires_grad_()
    y = attention(x, x, x, causal_mask(N, N))
    for t in range(N):
        (gradient,) = torch.autograd.grad(y[0, t].sum(), x, retain_graph=True)
        assert gradient[0, t + 1 :].abs().sum() == 0
        assert (gradient[0, : t + 1].abs().sum(dim=1) > 0).all()
    with pytest.raises(ValueError, match="3 queries need as many keys"):
        causal_mask(3, 2)


@pytest.mark.parametrize("training", [True, False])
def test_a_query_that_sees_nothing_gets_zeros_and_no_nan(training: bool) -> None:
    visible = torch.tensor([[[True] * N], [[False] * N]])
    q, x = queries_and_keys(8, 8)
    q.requires_grad_()
    x.requires_grad_()
    heads = MultiHeadAttention(8, 2).double().train(training)
    nn.init.zeros_(heads.output.bias)
    soft = SoftAttention(ScaledDotScore())
    hard = HardAttention(ScaledDotScore())
    value, log_prob, choice = hard(q, x, None, visible, torch.Generator().manual_seed(0))
    mean, weights = soft(q, x, None, visible)
    y = heads(q, x, x, visible)
    for result in (value, log_prob, mean, weights, y, heads.weights(q, x, x, visible)):
        assert result[1].abs().max() == 0
        assert result[0].isfinite().all()
    assert choice[1].tolist() == [-1] * Q
    total = value.sum() + log_prob.sum() + mean.square().sum() + y.square().sum()
    for gradient in torch.autograd.grad(total, [q, x, *heads.parameters()], allow_unused=True):
        assert gradient is not None
        assert gradient.isfinite().all()


def test_sinusoidal_positions() -> None:
    table = sinusoids(torch.arange(50, dtype=torch.float64), 8)
    for t in (0, 3, 49):
        for i in range(4):
            angle = t / 10000 ** (2 * i / 8)
            assert table[t, 2 * i].item() == pytest.approx(sin(angle))
            assert table[t, 2 * i + 1].item() == pytest.approx(cos(angle))
    products = table @ table.T
    for offset in range(5):
        diagonal = products.diagonal(offset)
        assert (diagonal - diagonal[0]).abs().max() < 1e-9
    assert torch.equal(sinusoids(torch.arange(5), 7), sinusoids(torch.arange(5), 7)[:, :7])
    assert sinusoids(torch.arange(5), 7).shape == (5, 7)


def test_learned_positions() -> None:
    place = LearnedPositions(4, length=6)
    x = torch.zeros(2, 3, 4)
    positions = torch.tensor([[0, 1, 2], [3, 4, 5]])
    assert torch.equal(place(x, positions), place.table.weight[positions])
    with pytest.raises(ValueError, match=r"positions 0 ... 5 are learned; got 6"):
        place(x, positions + 1)


def test_the_learning_rate_rises_to_its_peak_and_falls_with_the_root() -> None:
    rates = [noam_rate(t, 512, 4000) for t in range(1, 20_001)]
    assert max(range(20_000), key=rates.__getitem__) + 1 == 4000
    assert rates[3999] == pytest.approx((512 * 4000) ** -0.5)
    assert rates[1999] == pytest.approx(rates[3999] / 2)
    assert rates[15_999] == pytest.approx(rates[3999] / 2)
    with pytest.raises(ValueError, match="at least 1; got 0"):
        noam_rate(0, 512)
