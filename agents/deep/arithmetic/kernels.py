"""Acting and learning without torch: passes of a small MLP, drawing actions, Adam, compiled.

A call into torch costs more than the arithmetic of a small network on a few observations.
"""

import numpy as np

from rlkit.agents.deep.arithmetic.dense import Layers
from rlkit.arrays import Array, Ints
from rlkit.compiled import compiled, inlined
from rlkit.randomness import uniform


@inlined
def quick_tanh(x: np.float32) -> np.float32:
    """Return tanh(x) within 3e-7, without branches, so that a loop of it is vectorised.

    Lambert's continued fraction at x / 4, and twice tanh(2 y) = 2 tanh(y) / (1 + tanh(y)^2).
    """
    largest = np.float32(9.0)  # where float32 cannot tell tanh from 1
    y = min(max(x, -largest), largest) * np.float32(0.25)
    s = y * y
    upper = np.float32(6930) + s * np.float32(36)
    upper = y * (np.float32(2027025) + s * (np.float32(270270) + s * upper))
    lower = np.float32(51975) + s * (np.float32(630) + s)
    lower = np.float32(2027025) + s * (np.float32(945945) + s * lower)
    t = upper / lower
    t = (t + t) / (np.float32(1.0) + t * t)
    return (t + t) / (np.float32(1.0) + t * t)


@compiled
def layer_forward(x: Array, weight: Array, bias: Array, hidden: bool, rectified: bool) -> Array:
    """Return one layer's `(N, out)`; a hidden one has ReLU where `rectified`, else tanh."""
    y: Array = np.dot(x, weight.T)
    for i in range(y.shape[0]):
        for j in range(y.shape[1]):
            z = y[i, j] + bias[j]
            if hidden:
                z = max(z, np.float32(0.0)) if rectified else quick_tanh(z)
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
def dense_forward(x: Array, layers: Layers, rectified: bool) -> Array:
    """Return `(N, out)` of linear layers with tanh, or ReLU where `rectified`, between them.

    Args:
        x: float32 `(N, in)`.
        layers: Weights, float32 `(out, in)`, and biases, float32 `(out,)`, of each layer.
        rectified: The activation.
    """
    weights, biases = layers
    last = len(weights) - 1
    for layer in range(last + 1):
        x = layer_forward(x, weights[layer], biases[layer], layer < last, rectified)
    return x


@compiled
def dense_pass(x: Array, layers: Layers, rectified: bool) -> tuple[Array, Array]:
    """Return `(N, out)` of an MLP, and what its hidden layers gave, one after the other, flat.

    Args:
        x: See `dense_forward`.
        layers: See there.
        rectified: See there.
    """
    weights, biases = layers
    last = len(weights) - 1
    width = 0
    for layer in range(last):
        width += len(biases[layer])
    hidden = np.empty(len(x) * width, dtype=np.float32)
    stop = 0
    for layer in range(last):
        x = layer_forward(x, weights[layer], biases[layer], True, rectified)
        start, stop = stop, stop + x.size
        hidden[start:stop] = x.ravel()
    return layer_forward(x, weights[last], biases[last], False, rectified), hidden


@compiled
def dense_gradient(
    delta: Array, x: Array, hidden: Array, layers: Layers, gradients: Layers, rectified: bool
) -> None:
    """Write the gradient of a loss of an MLP's output to `gradients`, where backpropagation ends.

    Args:
        delta: The gradient at the output, float32 `(N, out)`.
        x: See `dense_pass`; `hidden` is what it returned.
        hidden: See there.
        layers: See there.
        gradients: Of the same shapes.
        rectified: See there.
    """
    weights = layers[0]
    start = len(hidden)
    for layer in range(len(weights) - 1, 0, -1):
        stop, start = start, start - len(x) * weights[layer].shape[1]
        y = hidden[start:stop].reshape(len(x), -1)
        layer_gradient(delta, y, gradients[0][layer], gradients[1][layer])
        delta = np.dot(delta, weights[layer])
        through_activation(delta, y, rectified)
    layer_gradient(delta, x, gradients[0][0], gradients[1][0])


@compiled
def layer_gradient(delta: Array, x: Array, weight: Array, bias: Array) -> None:
    """Write the gradient of one layer's weight and bias; x is what the layer read."""
    weight[:] = np.dot(delta.T, x)
    bias[:] = delta.sum(axis=0)


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
    layers: Layers,
    gradients: Layers,
    rectified: bool,
    error_clip: float,
) -> Array:
    """Write the gradient of `td_loss` for the values of an MLP; return target - Q, `(N,)`.

    Args:
        x: float32 `(N, in)`.
        actions: `(N,)`.
        targets: float32 `(N,)`.
        weights: float32 `(N,)`.
        layers: See `dense_pass`.
        gradients: Where their gradients go.
        rectified: See `dense_pass`.
        error_clip: The steepest slope; infinite for squared errors.
    """
    values, hidden = dense_pass(x, layers, rectified)
    delta = np.zeros_like(values)
    errors = np.empty_like(targets)
    for i in range(len(errors)):
        errors[i] = targets[i] - values[i, actions[i]]
        slope = min(max(-errors[i], -error_clip), error_clip)
        delta[i, actions[i]] = slope * weights[i] / len(errors)
    dense_gradient(delta, x, hidden, layers, gradients, rectified)
    return errors


@compiled
def descend_by_adam(
    weights: Array,
    gradient: Array,
    mean: Array,
    square: Array,
    scale: float,
    settings: tuple[float, float, float, float, float],
) -> None:
    """Take one step of Adam in place, and set the gradient to zero. Kingma & Ba 2015, Alg. 1.

    Args:
        weights: float32 `(n,)`, like the next three.
        gradient: Of the loss.
        mean: Moving average of gradients.
        square: Moving average of their squares.
        scale: Multiplies the gradient.
        settings: Step size, decay of `mean`, decay of `square`, epsilon, and the steps so far, this
            one included.
    """
    rate, decay, square_decay, epsilon, count = settings
    kept, square_kept = np.float32(decay), np.float32(square_decay)
    added, square_added = np.float32(1 - decay), np.float32(1 - square_decay)
    pace = np.float32(rate / (1 - decay**count))
    widening = np.float32(1 / np.sqrt(1 - square_decay**count))
    small, shrink = np.float32(epsilon), np.float32(scale)
    for i in range(len(weights)):
        slope = gradient[i] * shrink
        m = kept * mean[i] + added * slope
        v = square_kept * square[i] + square_added * slope * slope
        mean[i], square[i], gradient[i] = m, v, np.float32(0)
        weights[i] -= pace * m / (np.sqrt(v) * widening + small)
