"""Features extractors of Stable-Baselines3 from our cores, and the policy arguments they need.

An extractor is a function of one observation: a core with memory reads a window in it.
"""

from collections.abc import Callable, Sequence
from math import prod
from typing import Any, Self

import gymnasium
import torch
from gymnasium import spaces
from stable_baselines3.common.torch_layers import BaseFeaturesExtractor
from torch import Tensor, nn

from rlkit.nets.core import Core, Feedforward
from rlkit.nets.optimizers import by_name
from rlkit.nets.registry import CoreFactory, make_core

MASK = "action_mask"
"""A part of the observation that says which actions are legal is no feature."""


class CoreExtractor(BaseFeaturesExtractor):
    """A core without memory as a features extractor.

    Its weights survive `ortho_init=True`, the default of on-policy algorithms, which otherwise
    draws every Linear and Conv2d anew after the extractor is built.

    Args:
        observation_space: Box, Discrete, MultiDiscrete, MultiBinary, or a Dict of them, whose
            parts are flattened and joined where there are several, without "action_mask".
        core: A registered name, or a factory.
        settings: Keyword arguments of the core.

    Raises:
        ValueError: If the core cannot read the observations, or has memory.
        TypeError: For another kind of space.
    """

    def __init__(
        self,
        observation_space: gymnasium.Space[Any],
        core: str | CoreFactory = "mlp",
        **settings: Any,
    ) -> None:
        shapes = _part_shapes(observation_space)
        shape = _joined(shapes)
        built = make_core(core, shape, **settings)
        if built.initial_state(1):
            raise ValueError(
                f"the core {core!r} has memory, which a features extractor cannot carry from one "
                "observation to the next; use WindowExtractor, or MaskableRecurrentPPO"
            )
        super().__init__(observation_space, built.output_size)
        self.part_names = list(shapes)
        self.core = built

    def forward(self, observations: Any) -> Tensor:
        """Map a batch of preprocessed observations to features `(B, features_dim)`."""
        named = observations if isinstance(observations, dict) else {"": observations}
        parts = [named[name].flatten(1) for name in self.part_names]
        # A Discrete observation comes as (B, n) while acting, as (B, 1, n) while learning.
        x = torch.cat(parts, dim=1).reshape(-1, *self.core.input_shape)
        y, _ = self.core.step(x, (), torch.zeros(len(x), device=x.device))
        return y

    def apply(self, fn: Callable[[nn.Module], None]) -> Self:
        """Apply a function to every module, unless it is the policy's orthogonal start."""
        return self if _is_policy_start(fn) else super().apply(fn)


class WindowExtractor(BaseFeaturesExtractor):
    """A core with memory that reads the window of the past in each observation.

    Its weights survive `ortho_init=True`; see `CoreExtractor`.

    Args:
        observation_space: What `Window` gives, a Dict with "window" `(W, d)` and "real" `(W,)`;
            or a Box `(W, d)`, oldest first, all of it real; or a flat Box `(W d,)`, which
            `VecFrameStack` gives, with `frames`.
        core: A registered name, or a factory.
        frames: W, for a flat Box.
        settings: Keyword arguments of the core.

    Raises:
        ValueError: If the observations hold no window.
    """

    def __init__(
        self,
        observation_space: gymnasium.Space[Any],
        core: str | CoreFactory = "transformer",
        frames: int | None = None,
        **settings: Any,
    ) -> None:
        self.window_shape = _window_shape(observation_space, frames)
        built = make_core(core, self.window_shape[1:], **settings)
        super().__init__(observation_space, built.output_size)
        self.core: Core = built

    def forward(self, observations: Any) -> Tensor:
        """Map a batch of windows to the features of their newest observation."""
        padded = isinstance(observations, dict)
        flat = observations["window"] if padded else observations
        x = flat.reshape(-1, *self.window_shape).transpose(0, 1)  # (W, B, d)
        real = observations["real"].T > 0 if padded else x.new_ones(x.shape[:2]) > 0
        opens = real.clone()  # the first real frame opens the episode: padding is forgotten
        opens[1:] &= ~real[:-1]
        y, _ = self.core.unroll(x, self.core.initial_state(x.shape[1]), opens)
        return y[-1]

    def apply(self, fn: Callable[[nn.Module], None]) -> Self:
        """Apply a function to every module, unless it is the policy's orthogonal start."""
        return self if _is_policy_start(fn) else super().apply(fn)


def policy_kwargs(
    core: str | CoreFactory = "mlp",
    *,
    window: bool = False,
    net_arch: Sequence[int] | dict[str, list[int]] = (),
    optimizer: str | None = None,
    optimizer_kwargs: dict[str, Any] | None = None,
    on_policy: bool = True,
    **settings: Any,
) -> dict[str, Any]:
    """Return the `policy_kwargs` of an SB3 algorithm that reads observations with a core.

    ```python
    PPO("MlpPolicy", env, policy_kwargs=policy_kwargs("mlp", hidden=(256,)))
    PPO("MultiInputPolicy", env, policy_kwargs=policy_kwargs("transformer", window=True))
    ```

    Args:
        core: A registered name, or a factory.
        window: Whether the core reads windows; true for cores with memory.
        net_arch: Layers behind the core; none, where SB3 would add two of 64 units.
        optimizer: One of `rlkit.nets.optimizer_names()`; None is SB3's choice, Adam.
        optimizer_kwargs: Of the optimizer, such as `weight_decay`. Passing any makes SB3 forget
            its Adam epsilon of 1e-5 for on-policy algorithms; it is put back here.
        on_policy: Whether the algorithm is PPO, A2C or one of their kind.
        settings: Keyword arguments of the core.
    """
    arguments: dict[str, Any] = {
        "features_extractor_class": WindowExtractor if window else CoreExtractor,
        "features_extractor_kwargs": {"core": core, **settings},
        "net_arch": net_arch if isinstance(net_arch, dict) else list(net_arch),
    }
    if optimizer is not None:
        arguments["optimizer_class"] = by_name(optimizer)
    if optimizer is not None or optimizer_kwargs is not None:
        epsilon = {"eps": 1e-5} if on_policy and optimizer in {None, "adam"} else {}
        arguments["optimizer_kwargs"] = epsilon | (optimizer_kwargs or {})
    return arguments


def _is_policy_start(fn: Any) -> bool:
    """Whether `fn` is `partial(policy.init_weights, gain=...)`."""
    return getattr(getattr(fn, "func", None), "__name__", "") == "init_weights"


def flat_core(input_shape: tuple[int, ...]) -> Core:
    """Return a core that hands the observation on, flattened."""
    return Feedforward(nn.Flatten(), input_shape)


def _part_shapes(space: gymnasium.Space[Any]) -> dict[str, tuple[int, ...]]:
    """Return the shapes of the parts that are features; "" names the only part of no Dict."""
    if not isinstance(space, spaces.Dict):
        return {"": _preprocessed_shape(space)}
    shapes = {
        name: _preprocessed_shape(part) for name, part in space.spaces.items() if name != MASK
    }
    if not shapes:
        raise ValueError(f"the observations hold nothing to read: {space}")
    return shapes


def _joined(shapes: dict[str, tuple[int, ...]]) -> tuple[int, ...]:
    """Return the shape of all parts together: of the only one, or of one flat vector."""
    if len(shapes) == 1:
        return next(iter(shapes.values()))
    return (sum(prod(shape) for shape in shapes.values()),)


def _preprocessed_shape(space: gymnasium.Space[Any]) -> tuple[int, ...]:
    """Return the shape of an observation as SB3 hands it over: discrete values are one-hot."""
    if isinstance(space, spaces.Discrete):
        return (int(space.n),)
    if isinstance(space, spaces.MultiDiscrete):
        return (int(space.nvec.sum()),)
    if isinstance(space, spaces.Box | spaces.MultiBinary):
        return tuple(space.shape)
    raise TypeError(
        "an extractor reads Box, Discrete, MultiDiscrete, MultiBinary or a flat Dict of them; "
        f"got {space}"
    )


def _window_shape(space: gymnasium.Space[Any], frames: int | None) -> tuple[int, ...]:
    if isinstance(space, spaces.Dict) and {"window", "real"} <= set(space.spaces):
        return tuple(space["window"].shape or ())
    shape = tuple(space.shape or ()) if isinstance(space, spaces.Box) else ()
    if frames is not None and len(shape) == 1 and shape[0] % frames == 0:
        return (frames, shape[0] // frames)
    if frames is None and len(shape) > 1:
        return shape
    raise ValueError(
        'a window is a Dict with "window" (W, d) and "real" (W,), a Box (W, d), or a flat Box '
        f"(W d,) with frames=W; got {space} with frames={frames}. Wrap the environment in Window"
    )
