"""Acting without torch: the forward pass of a small MLP, and drawing actions, compiled.

A call into torch costs more than the arithmetic of a small network on a few observations.
"""

import numpy as np

from rlkit.arrays import Array, Ints
from rlkit.compiled import compiled
from rlkit.randomness import uniform


@compiled
def layer_forward(x: Array, weight: Array, bias: Array, hidden: bool, rectified: bool) -> Array:
    """Return one layer's `(N, out)`; a hidden one has ReLU where `rectified`, else tanh."""
    y: Array = np.dot(x, weight.T)
    for i in range(y.shape[0]):
        for j in range(y.shape[1]):
            z = y[i, j] + bias[j]
            if hidden:
                z = max(z, np.float32(0.0)) if rectified else np.tanh(z)
            y[i, j] = z
    return y


@compiled
def through_activation(delta: Array, y: Array, rectified: bool) -> None:
    """Multiply `delta` by the slope of the activation that gave y."""
    for i in range(y.shape[0]):
        for j in range(y.shape[1]):
            if rectified:
                delta[i, j] *= np.float32(y[i, j] > 0)
            else:
                delta[i, j] *= np.float32(1.0) - y[i, j] * y[i, j]


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
        x = layer_forward(x, weights[layer], biases[layer], layer < last, rectified)
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


@compiled
def q_gradient(
    x: Array,
    actions: Ints,
    targets: Array,
    weights: Array,
    layers: tuple[tuple[Array, ...], tuple[Array, ...]],
    gradients: tuple[tuple[Array, ...], tuple[Array, ...]],
    rectified: bool,
    error_clip: float,
) -> Array:
    """Write the gradient of `td_loss` for the values of an MLP; return target - Q, `(N,)`.

    Args:
        x: float32 `(N, in)`.
        actions: `(N,)`.
        targets: float32 `(N,)`.
        weights: float32 `(N,)`.
        layers: Weights, float32 `(out, in)`, and biases, float32 `(out,)`, of each layer.
        gradients: Where their gradients go.
        rectified: Whether ReLU stands between the layers; else tanh.
        error_clip: The steepest slope; infinite for squared errors.
    """
    last = len(layers[0]) - 1
    outputs = [x]
    for layer in range(last + 1):
        weight, bias = layers[0][layer], layers[1][layer]
        outputs.append(layer_forward(outputs[layer], weight, bias, layer < last, rectified))
    delta = np.zeros_like(outputs[last + 1])
    errors = np.empty_like(targets)
    for i in range(len(errors)):
        errors[i] = targets[i] - outputs[last + 1][i, actions[i]]
        slope = min(max(-errors[i], -error_clip), error_clip)
        delta[i, actions[i]] = slope * weights[i] / len(errors)
    for layer in range(last, -1, -1):
        gradients[0][layer][:] = np.dot(delta.T, outputs[layer])
        gradients[1][layer][:] = delta.sum(axis=0)
        if layer > 0:
            delta = np.dot(delta, layers[0][layer])
            through_activation(delta, outputs[layer], rectified)
    return errors
