"""Chapter 6: sequences to classes, to sequences, with and without attention."""

from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from rlkit.nets import (
    AdditiveScore,
    LastKey,
    LastState,
    MeanState,
    Seq2Seq,
    SequenceClassifier,
    SoftAttention,
    SynchronousSeq2Seq,
    make_core,
)


def small(attention: str = "soft") -> Seq2Seq:
    soft = SoftAttention(AdditiveScore(5, 10, 6))
    net = Seq2Seq(7, 6, soft if attention == "soft" else LastKey(), 5, 4)
    return net.double()


SOURCE = torch.tensor([[1, 2, 3, 4], [5, 6, 0, 0]])
LENGTHS = torch.tensor([4, 2])
TARGET = torch.tensor([[4, 3, 2, 1, 0], [5, 2, 0, 0, 0]])


def test_a_classifier_reads_the_last_or_the_mean_state_before_the_padding() -> None:
    core = make_core("lstm", (3,), hidden_size=4)
    x = torch.randn(6, 2, 3)
    lengths = torch.tensor([6, 4])
    padded = x.clone()
    padded[4:, 1] = 100.0
    h, _ = core.unroll(x, core.initial_state(2), torch.zeros(6, 2))
    for pool, expected in (
        (LastState(), torch.stack([h[5, 0], h[3, 1]])),
        (MeanState(), torch.stack([h[:, 0].mean(0), h[:4, 1].mean(0)])),
    ):
        net = SequenceClassifier(core, 3, pool)
        torch.testing.assert_close(net(x, lengths), net.head(expected))
        torch.testing.assert_close(net(padded, lengths), net(x, lengths))
        assert net(x, torch.tensor([0, 6])).isfinite().all()
    torch.testing.assert_close(SequenceClassifier(core, 3)(x).shape, torch.Size([2, 3]))


def test_synchronous_outputs_depend_on_the_past_alone() -> None:
    net = SynchronousSeq2Seq(make_core("gru", (3,), hidden_size=4), 2)
    x = torch.randn(5, 2, 3)
    y = net(x)
    core = net.core
    h, _ = core.unroll(x, core.initial_state(2), torch.zeros(5, 2))
    torch.testing.assert_close(y, net.head(h))
    changed = x.clone()
    changed[3:] += 1
    torch.testing.assert_close(net(changed)[:3], y[:3])


def test_padding_of_the_source_changes_nothing() -> None:
    net = small()
    logits = net(SOURCE, LENGTHS, TARGET)
    alone = net(SOURCE[1:, :2], LENGTHS[1:], TARGET[1:])
    torch.testing.assert_close(logits[1:], alone)
    other = SOURCE.clone()
    other[1, 2:] = 3
    torch.testing.assert_close(net(other, LENGTHS, TARGET), logits)


def test_the_decoder_is_its_formula() -> None:
    net: Any = small()
    keys, _, h = net.encode(SOURCE[:1], LENGTHS[:1])
    logits = []
    for before in [net.end, *TARGET[0, :-1].tolist()]:
        scores = net.attention.score(h.unsqueeze(1), keys)[0, 0]
        alpha = scores.softmax(dim=0)
        context = sum(alpha[i] * keys[0, i] for i in range(4))
        assert isinstance(context, Tensor)
        e = net.embed_target.weight[before]
        h = net.decoder(torch.cat([e, context]).unsqueeze(0), h)
        logits.append(net.head(torch.cat([h[0], context])))
    torch.testing.assert_close(net(SOURCE[:1], LENGTHS[:1], TARGET[:1])[0], torch.stack(logits))


def test_without_attention_the_context_is_the_last_state() -> None:
    net = small("last")
    keys, visible, h = net.encode(SOURCE, LENGTHS)
    _, _, weights = net.step(torch.tensor([0, 0]), h, keys, visible)
    assert weights[:, 0].argmax(dim=1).tolist() == [3, 1]
    assert weights.sum().item() == 2
    context, weights = LastKey()(h.unsqueeze(1), keys, None, torch.zeros(2, 1, 4).bool())
    assert context.abs().max() == 0
    assert weights.abs().max() == 0


def test_greedy_decoding_follows_its_own_most_probable_symbols() -> None:
    net = small()
    symbols = net.greedy(SOURCE, LENGTHS, max_length=5)
    logits = net(SOURCE, LENGTHS, symbols)
    for row, chosen in zip(logits.argmax(dim=2), symbols, strict=True):
        ends = (chosen == net.end).nonzero()
        stop = int(ends[0]) + 1 if len(ends) else len(chosen)
        assert row[:stop].tolist() == chosen[:stop].tolist()
        assert set(chosen[stop:].tolist()) <= {net.end}


def test_sampled_log_probabilities_are_those_of_teacher_forcing() -> None:
    net = small()
    symbols, log_prob = net.sample(SOURCE, LENGTHS, 5, torch.Generator().manual_seed(1))
    again, _ = net.sample(SOURCE, LENGTHS, 5, torch.Generator().manual_seed(1))
    assert torch.equal(symbols, again)
    logits = net(SOURCE, LENGTHS, symbols).log_softmax(dim=2)
    said = logits.gather(2, symbols.unsqueeze(2)).squeeze(2)
    ended = functional.pad((symbols == net.end).cumsum(dim=1) > 0, (1, 0))[:, :-1]
    torch.testing.assert_close(log_prob, said.masked_fill(ended, 0.0).sum(dim=1))
    log_prob.sum().backward()
    assert net.head.weight.grad is not None


def test_samples_follow_the_distribution() -> None:
    net = small()
    rows = 4000
    source, lengths = SOURCE[:1].expand(rows, 4), LENGTHS[:1].expand(rows)
    symbols, _ = net.sample(source, lengths, 1, torch.Generator().manual_seed(2))
    probs = net(SOURCE[:1], LENGTHS[:1], TARGET[:1])[0, 0].softmax(dim=0)
    frequency = torch.bincount(symbols[:, 0], minlength=6) / rows
    assert ((frequency - probs).abs() < 4 * (probs * (1 - probs) / rows).sqrt()).all()


def test_empty_sources_and_rows() -> None:
    net = small()
    with pytest.raises(ValueError, match=r"the source has the shape \(B, S\), both > 0"):
        net.greedy(torch.zeros(2, 0, dtype=torch.long), torch.zeros(2), 3)
    with pytest.raises(ValueError, match=r"values 0 ... 4"):
        net(SOURCE, LENGTHS + 1, TARGET)
    with pytest.raises(ValueError, match=r"symbols 0 ... 5; got 6"):
        Seq2Seq(7, 6, LastKey(), end=6)
    logits = net(SOURCE, torch.tensor([4, 0]), TARGET)
    assert logits.isfinite().all()
    logits.square().sum().backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in net.parameters())
