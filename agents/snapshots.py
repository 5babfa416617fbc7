"""Copies of environments, so that learning goes on exactly where it was interrupted.

Ours offer `get_state` and `set_state`. Gymnasium's classic-control and toy-text environments hold
their state in a few attributes, named here by class: a subclass may remember more. Nothing else can
be copied, and neither can what stands in a wrapper that may have a state of its own.
"""

from typing import Any

import gymnasium
import numpy as np
from gymnasium.vector import VectorEnv
from gymnasium.wrappers import OrderEnforcing, PassiveEnvChecker, TimeLimit

from rlkit.agent import Resumable
from rlkit.agents.checked import Checked
from rlkit.agents.checking import NUMBERS
from rlkit.agents.saving import part_of
from rlkit.arrays import Array
from rlkit.wrappers import layers

Env = gymnasium.Env[Any, Any] | VectorEnv[Any, Any, Any]
ATTRIBUTES = {
    "classic_control.acrobot:AcrobotEnv": ("state",),
    "classic_control.cartpole:CartPoleEnv": ("state", "steps_beyond_terminated"),
    "classic_control.cartpole:CartPoleVectorEnv": ("state", "steps", "prev_done"),
    "classic_control.mountain_car:MountainCarEnv": ("state",),
    "toy_text.blackjack:BlackjackEnv": ("player", "dealer"),
    "toy_text.cliffwalking:CliffWalkingEnv": ("s", "lastaction"),
    "toy_text.frozen_lake:FrozenLakeEnv": ("s", "lastaction"),
    "toy_text.taxi:TaxiEnv": ("s", "lastaction", "fickle_step", "taxi_orientation"),
}
"""Of Gymnasium's environments with Discrete actions, the attributes that the next steps and
pictures depend on, beside the random numbers; not every version has all."""
HOLDERS = (
    "gymnasium.vector.sync_vector_env:SyncVectorEnv",
    "rlkit.agents.deep.experience.vectors:Single",
)
"""Vectors, by class, whose state is that of the environments in them."""
WAITING = "_autoreset_envs"
"""Where `SyncVectorEnv` notes which environments the next step resets."""
LAYERS = (TimeLimit, OrderEnforcing, PassiveEnvChecker, Checked)
"""Wrappers whose state is known."""

METHODS = ("get_state", "set_state")
WORDS = ("state", "inc")
ELAPSED = "_elapsed_steps"
"""Where `TimeLimit` counts."""


def take(env: Env) -> dict[str, Array] | None:
    """Return a copy of an environment or a vector as arrays by name; None if there is none."""
    if isinstance(env, VectorEnv):
        return _take_vector(env)
    state = take_base(env.unwrapped)
    wrappers = list(layers(env))
    if state is None or not {type(layer) for layer in wrappers} <= set(LAYERS):
        return None
    steps = [getattr(layer, ELAPSED, None) or 0 for layer in wrappers]
    return {**state, "elapsed": np.array(max(steps, default=0))}


def restore(env: Env, state: dict[str, Array]) -> None:
    """Bring an environment or a vector of the same kind to the state that `take` returned."""
    if isinstance(env, VectorEnv):
        _restore_vector(env, state)
        return
    for layer in layers(env):
        if isinstance(layer, TimeLimit):
            setattr(layer, ELAPSED, int(state["elapsed"].item()))
    restore_base(env.unwrapped, {k: v for k, v in state.items() if k != "elapsed"})


def _take_vector(env: Any) -> dict[str, Array] | None:
    if _path(env) not in HOLDERS:
        return take_base(env) if env is env.unwrapped else None
    states = [take(one) for one in env.envs]
    if any(state is None for state in states):
        return None
    named = [(i, state) for i, state in enumerate(states) if state is not None]
    whole = {f"{i}.{name}": array for i, state in named for name, array in state.items()}
    waiting = getattr(env, WAITING, None)
    return whole if waiting is None else {**whole, WAITING: waiting.copy()}


def _restore_vector(env: Any, state: dict[str, Array]) -> None:
    if _path(env) not in HOLDERS:
        restore_base(env, state)
        return
    if WAITING in state:
        setattr(env, WAITING, state[WAITING].astype(np.bool_))
    for i, one in enumerate(env.envs):
        restore(one, part_of(state, f"{i}."))


def take_base(env: Any) -> dict[str, Array] | None:
    """Return a copy of an environment without wrappers, single or vectorised; None as in `take`."""
    if _tells(env):
        told = env.get_state()
        state = {k: _array(v) for k, v in told.items()} if isinstance(told, dict) else None
        known = state is not None and all(v.dtype.kind in NUMBERS for v in state.values())
        return state if known else None
    names = ATTRIBUTES.get(_path(env))
    if names is None or not isinstance(env.np_random.bit_generator, np.random.PCG64):
        return None
    state = {name: _array(getattr(env, name)) for name in names if hasattr(env, name)}
    return {**state, **_random_state(env.np_random)}


def _path(env: Any) -> str:
    """Return the class of an environment as `ATTRIBUTES` and `HOLDERS` have it."""
    kind = type(env)
    return f"{kind.__module__.removeprefix('gymnasium.envs.')}:{kind.__qualname__}"


def _tells(env: Any) -> bool:
    """Return whether an environment tells its whole state itself.

    A class that inherits the two methods from one of ours may remember more than they know.
    """
    kinds = type(env).__mro__
    owners = [next((k for k in kinds if name in vars(k)), None) for name in METHODS]
    if not isinstance(env, Resumable):
        return False
    own = type(env).__module__.partition(".")[0] == "rlkit"
    return own or all(owner is type(env) for owner in owners)


def restore_base(env: Any, state: dict[str, Array]) -> None:
    """Bring such an environment to the state that `take_base` returned."""
    if _tells(env):
        now = env.get_state()
        env.set_state({name: _value(array, now[name]) for name, array in state.items()})
        return
    words = _words(state)
    for name, array in state.items():
        if not name.startswith("random."):
            setattr(env, name, _value(array, getattr(env, name, None)))
    generator: Any = env.np_random.bit_generator
    generator.state = words


def _random_state(generator: Any) -> dict[str, Array]:
    """Return the state of a PCG64 generator, whose words have 128 bits."""
    state = generator.bit_generator.state
    numbers = {f"random.{name}": _split(state["state"][name]) for name in WORDS}
    rest = [int(state["has_uint32"]), int(state["uinteger"])]
    return {**numbers, "random.rest": np.array(rest, np.uint64)}


def _words(state: dict[str, Array]) -> dict[str, Any]:
    high_low = {name: [int(word) for word in state[f"random.{name}"]] for name in WORDS}
    has, integer = (int(word) for word in state["random.rest"])
    return {
        "bit_generator": "PCG64",
        "state": {name: (high << 64) | low for name, (high, low) in high_low.items()},
        "has_uint32": has,
        "uinteger": integer,
    }


def _split(word: int) -> Array:
    return np.array([word >> 64, word & (2**64 - 1)], np.uint64)


def _array(value: Any) -> Array:
    """Return a value as an array; None as an empty one."""
    if value is None:
        return np.empty(0)
    if isinstance(value, int) and value > np.iinfo(np.int64).max:
        return np.array(value, np.uint64)
    try:
        return np.array(value)
    except ValueError:  # rows of several lengths
        return np.empty(0, np.object_)


def _value(array: Array, like: Any) -> Any:
    """Return an array as the kind of value that the environment holds now."""
    if array.shape == (0,):
        return None
    if isinstance(like, list | tuple):
        return type(like)(array.tolist())
    return array.copy() if isinstance(like, np.ndarray) else array.item()
