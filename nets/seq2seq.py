"""Sequences to classes, to sequences of the same length, and to others. Section 6.3.

Batch first, except where a core reads a sequence.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional

from rlkit.nets.attention import padding_mask
from rlkit.nets.core import Core
from rlkit.nets.recurrent import GRU, Bidirectional

__all__ = [
    "LastKey",
    "LastState",
    "MeanState",
    "Seq2Seq",
    "SequenceClassifier",
    "SynchronousSeq2Seq",
]


class LastState(nn.Module):
    """h_T, the output at the last step that is no padding. Chapter 6, eq. 6.22."""

    def forward(self, h: Tensor, lengths: Tensor) -> Tensor:
        """Map h `(T, B, d)` and lengths `(B,)` to `(B, d)`; zeros for an empty row."""
        last = h[(lengths - 1).clamp(min=0), torch.arange(h.shape[1], device=h.device)]
        return last.masked_fill((lengths == 0).unsqueeze(1), 0.0)


class MeanState(nn.Module):
    """The mean of h_t over the steps that are no padding. Chapter 6, eq. 6.23."""

    def forward(self, h: Tensor, lengths: Tensor) -> Tensor:
        """Map h `(T, B, d)` and lengths `(B,)` to `(B, d)`; zeros for an empty row."""
        real = padding_mask(lengths, len(h)).squeeze(1).T.unsqueeze(2)  # (T, B, 1)
        return h.masked_fill(~real, 0.0).sum(dim=0) / lengths.clamp(min=1).unsqueeze(1)


class SequenceClassifier(nn.Module):
    """Sequence to class, y = g(pool(h_1 ... h_T)). Chapter 6, section 6.3.1, eq. 6.22-6.23.

    Args:
        core: Reads the sequence.
        classes: The number of logits.
        pool: `LastState()`, the default, or `MeanState()`.
    """

    def __init__(self, core: Core, classes: int, pool: nn.Module | None = None) -> None:
        super().__init__()
        self.core = core
        self.pool = pool or LastState()
        self.head = nn.Linear(core.output_size, classes)

    def forward(self, x: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Map x `(T, B, ...)` and lengths `(B,)`, T where left out, to logits `(B, classes)`."""
        none = torch.zeros(x.shape[:2], device=x.device)
        h, _ = self.core(x, self.core.initial_state(x.shape[1]), none)
        if lengths is None:
            lengths = torch.full((x.shape[1],), len(x), device=x.device)
        logits: Tensor = self.head(self.pool(h, lengths))
        return logits


class SynchronousSeq2Seq(nn.Module):
    """One output a step, y_t = g(h_t). Chapter 6, section 6.3.2, eq. 6.24.

    Args:
        core: Reads the sequence.
        outputs: The number of outputs a step.
    """

    def __init__(self, core: Core, outputs: int) -> None:
        super().__init__()
        self.core = core
        self.head = nn.Linear(core.output_size, outputs)

    def forward(self, x: Tensor) -> Tensor:
        """Map x `(T, B, ...)` to `(T, B, outputs)`."""
        none = torch.zeros(x.shape[:2], device=x.device)
        h, _ = self.core(x, self.core.initial_state(x.shape[1]), none)
        y: Tensor = self.head(h)
        return y


class LastKey(nn.Module):
    """The last visible key for every query: a context without attention. Chapter 6, eq. 6.26."""

    def forward(
        self, query: Tensor, key: Tensor, value: Tensor | None, visible: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Return contexts and one-hot weights, as `SoftAttention` does."""
        del value
        steps = torch.arange(1, key.shape[1] + 1, device=key.device)
        last = (steps * visible).amax(dim=-1)  # (B, 1), 0 where nothing is visible
        weights = functional.one_hot(last, key.shape[1] + 1)[..., 1:].to(key.dtype)
        weights = weights.expand(-1, query.shape[1], -1)
        return weights @ key, weights


class Seq2Seq(nn.Module):
    """An encoder and a decoder of another length, with attention. Chapter 6, eq. 6.25-6.27.

    h^d_t = f([e_(y_(t-1)); c_t], h^d_(t-1)), c_t = sum_i alpha_ti h^e_i with the scores of
    h^d_(t-1) (chapter 8, eq. 8.6; Bahdanau et al. 2015), y_t = g([h^d_t; c_t]). The encoder is
    bidirectional. The first input of the decoder is the end-of-sequence symbol, as in figure 6.5,
    and the output ends with it.

    Args:
        source_size: The number of symbols of the source, 0 ... source_size - 1.
        target_size: The number of symbols of the target.
        attention: `SoftAttention(score)` for queries of `hidden_size` and keys of twice that, or
            `LastKey()`, the plain encoder-decoder of eq. 6.25-6.27.
        hidden_size: d, of the decoder and of each direction of the encoder.
        embedding_size: The size of a symbol's vector.
        end: The end-of-sequence symbol of the target.

    Raises:
        ValueError: If `end` is no symbol of the target.
    """

    def __init__(
        self,
        source_size: int,
        target_size: int,
        attention: nn.Module,
        hidden_size: int = 128,
        embedding_size: int = 32,
        end: int = 0,
    ) -> None:
        super().__init__()
        if not 0 <= end < target_size:
            raise ValueError(f"end is one of the symbols 0 ... {target_size - 1}; got {end}")
        self.end = end
        self.embed_source = nn.Embedding(source_size, embedding_size)
        self.embed_target = nn.Embedding(target_size, embedding_size)
        self.encoder = Bidirectional(
            GRU(embedding_size, hidden_size), GRU(embedding_size, hidden_size)
        )
        self.attention = attention
        self.bridge = nn.Linear(2 * hidden_size, hidden_size)
        self.decoder = nn.GRUCell(embedding_size + 2 * hidden_size, hidden_size)
        self.head = nn.Linear(3 * hidden_size, target_size)

    def forward(self, source: Tensor, lengths: Tensor, target: Tensor) -> Tensor:
        """Return the logits of each target symbol given the true ones before (teacher forcing).

        Args:
            source: Symbols `(B, S)`.
            lengths: `(B,)`, how many of a row are no padding.
            target: Symbols `(B, L)`, ended by `end`.

        Returns:
            Logits `(B, L, target_size)`.
        """
        keys, visible, h = self.encode(source, lengths)
        inputs = functional.pad(target, (1, 0), value=self.end)[:, :-1]
        logits = []
        for symbol in inputs.unbind(dim=1):
            step, h, _ = self.step(symbol, h, keys, visible)
            logits.append(step)
        return torch.stack(logits, dim=1)

    def encode(self, source: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return h^e `(B, S, 2 d)`, which are visible `(B, 1, S)`, and h^d_0 `(B, d)`.

        Raises:
            ValueError: If there is no symbol, or the lengths do not fit.
        """
        if source.dim() != 2 or not source.numel():
            raise ValueError(f"the source has the shape (B, S), both > 0; got {source.shape}")
        visible = padding_mask(lengths, source.shape[1])
        # Padding opens an "episode" of its own, so that the backward pass starts fresh after it.
        steps = torch.arange(source.shape[1], device=source.device).unsqueeze(1)
        h = self.encoder(self.embed_source(source.T), reset=steps == lengths)
        h = h.transpose(0, 1).masked_fill(~visible.transpose(1, 2), 0.0)
        mean = h.sum(dim=1) / lengths.clamp(min=1).unsqueeze(1)
        return h, visible, torch.tanh(self.bridge(mean))

    def step(
        self, symbol: Tensor, h: Tensor, keys: Tensor, visible: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Decode one symbol: logits `(B, target_size)`, h^d_t and the attention `(B, 1, S)`."""
        context, weights = self.attention(h.unsqueeze(1), keys, None, visible)
        context = context.squeeze(1)
        h = self.decoder(torch.cat([self.embed_target(symbol), context], dim=1), h)
        return self.head(torch.cat([h, context], dim=1)), h, weights

    @torch.no_grad()
    def greedy(self, source: Tensor, lengths: Tensor, max_length: int) -> Tensor:
        """Return the symbols `(B, <= max_length)` that are each the most probable next one.

        Decoding ends when every row has said `end`; behind it a row is filled with `end`.
        """
        return self._decode(source, lengths, max_length, lambda logits: logits.argmax(dim=1))[0]

    def sample(
        self, source: Tensor, lengths: Tensor, max_length: int, generator: torch.Generator
    ) -> tuple[Tensor, Tensor]:
        """Return sampled symbols `(B, <= max_length)` and the log-probability of each row `(B,)`.

        The log-probabilities have gradients, for REINFORCE.
        """

        def draw(logits: Tensor) -> Tensor:
            probs = logits.detach().softmax(dim=1)
            return torch.multinomial(probs, 1, generator=generator).squeeze(1)

        return self._decode(source, lengths, max_length, draw)

    def _decode(
        self, source: Tensor, lengths: Tensor, max_length: int, choose: Callable[[Tensor], Tensor]
    ) -> tuple[Tensor, Tensor]:
        keys, visible, h = self.encode(source, lengths)
        symbol = torch.full((len(source),), self.end, device=source.device)
        ended = torch.zeros_like(symbol, dtype=torch.bool)
        log_prob = h.new_zeros(len(source))
        symbols = []
        for _ in range(max_length):
            logits, h, _ = self.step(symbol, h, keys, visible)
            symbol = choose(logits).masked_fill(ended, self.end)
            chosen = logits.log_softmax(dim=1).gather(1, symbol.unsqueeze(1)).squeeze(1)
            log_prob = log_prob + chosen.masked_fill(ended, 0.0)
            ended = ended | (symbol == self.end)
            symbols.append(symbol)
            if ended.all():
                break
        return torch.stack(symbols, dim=1), log_prob
