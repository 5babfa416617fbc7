"""Acting without torch: the forward pass of a small MLP, and drawing actions, compiled.

A call into torch costs more than the arithmetic of a small network on a few observations.
"""

import numpy as np

from rlkit.arrays import Array, Ints
from rlkit.compiled import compiled
from rlkit.randomness import uniform


@compiled
def dense_forward(
    x: Array, weights: tuple[Array, ...], biases: tuple[Array, ...], rectified: bool
) -> Array:
    """Return `(N, out)` of linear layers with tanh, or ReLU where `rectified`, between them.

    Args:
        x: float32 `(N, in)`.
        weights: Of each layer, float32 `(out, in)`.
        biases: Of each layer, float32 `(out,)`.
        rectified: The activation.
    """
    last = len(weights) - 1
    for layer in range(last + 1):
        y = np.dot(x, weights[layer].T)
        bias = biases[layer]
        for i in range(y.shape[0]):
            for j in range(y.shape[1]):
                z = y[i, j] + bias[j]
                if layer < last:
                    z = max(z, np.float32(0.0)) if rectified else np.tanh(z)
                y[i, j] = z
        x = y
    return x


@compiled
def draw_actions(
    scores: Array, masks: Array, key: np.uint64, counter: np.uint64
) -> tuple[Ints, Array]:
    """Draw an action for each row from softmax(scores) over the legal ones.

    Row i uses draw number counter + i of the stream. Where nothing is legal the action is -1.

    Args:
        scores: float32 `(N, A)`.
        masks: int8 `(N, A)`, zero where illegal; `(0, A)` if all is legal.
        key: Of the stream.
        counter: Of its next draw.

    Returns:
        Actions `(N,)`, and their log-probabilities, float32 `(N,)`.
    """
    rows, size = scores.shape
    masked = masks.shape[0] > 0
    actions = np.full(rows, -1, dtype=np.int64)
    log_probs = np.zeros(rows, dtype=np.float32)
    for i in range(rows):
        top = -np.inf
        for a in range(size):
            if (not masked or masks[i, a] != 0) and scores[i, a] > top:
                top = scores[i, a]
        total = 0.0
        for a in range(size):
            if not masked or masks[i, a] != 0:
                total += np.exp(scores[i, a] - top)
        left = uniform(key, counter + np.uint64(i)) * total
        for a in range(size):
            if not masked or masks[i, a] != 0:
                actions[i] = a  # the last legal one takes what rounding leaves
                left -= np.exp(scores[i, a] - top)
                if left < 0.0:
                    break
        if actions[i] >= 0:
            log_probs[i] = scores[i, actions[i]] - top - np.log(total)
    return actions, log_probs


@compiled
def choose_greedily(
    scores: Array, masks: Array, epsilon: float, key: np.uint64, counter: np.uint64
) -> Ints:
    """Take the best legal action of each row, or with probability epsilon any legal one, `(N,)`.

    Row i uses the draws 2 (counter + i) and 2 (counter + i) + 1 of the stream. Where nothing is
    legal the action is -1. See `draw_actions` for the arguments.
    """
    rows, size = scores.shape
    masked = masks.shape[0] > 0
    actions = np.full(rows, -1, dtype=np.int64)
    for i in range(rows):
        draw = np.uint64(2) * (counter + np.uint64(i))
        legal, best = 0, -1
        for a in range(size):
            if not masked or masks[i, a] != 0:
                legal += 1
                if best < 0 or scores[i, a] > scores[i, best]:
                    best = a
        if legal == 0 or uniform(key, draw) >= epsilon:
            actions[i] = best
            continue
        left = int(uniform(key, draw + np.uint64(1)) * legal)
        for a in range(size):
            if not masked or masks[i, a] != 0:
                if left == 0:
                    actions[i] = a
                    break
                left -= 1
    return actions
