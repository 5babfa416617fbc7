"""The handcrafted policy, as an agent that plays any cabin environment."""

from copy import copy
from typing import Any, Self

import gymnasium
import numpy as np
from gymnasium import spaces
from gymnasium.vector import VectorEnv
from numpy.typing import NDArray

from rlkit.categorical import Categorical, certain
from rlkit.envs.cabin.assistant.handcrafted import choose_many, choose_many_in_car
from rlkit.envs.cabin.observation import Dialogues

Environment = gymnasium.Env[Any, Any] | VectorEnv[Any, Any, Any]


class HandcraftedPolicy:
    """Clarifies what is half understood, asks for what is missing, then offers or executes.

    These are PyDial's rules; on a road for each function of the car, and with an eye on traffic
    and noise. It decides from the beliefs in the environment's state, whatever the environment
    shows as observation, and changes nothing in it. Like the original it ignores the action masks
    of the benchmark's scenarios, which carry its acts out all the same.

    Observations and masks, where they are given, show whether it plays the environment that it was
    made for.

    Args:
        env: A cabin environment, single or vector, wrapped or not; or an assistant in a car.
        waits: Whether it waits while the road leaves the driver no time to answer.
        quiets: Whether it quiets the cabin before it listens.

    Raises:
        TypeError: If `env` is no cabin environment.
    """

    def __init__(self, env: Any, *, waits: bool = True, quiets: bool = True) -> None:
        self._env: Any = getattr(env, "unwrapped", env)
        dialogues = getattr(getattr(self._env, "cabin", None), "dialogues", None)
        if not isinstance(dialogues, Dialogues):
            raise TypeError(f"the handcrafted policy plays cabin environments, got {env}")
        self._dialogues = dialogues
        self._rows = (dialogues.count,) if isinstance(self._env, VectorEnv) else ()
        self._shown = [_shapes(env.observation_space), _shapes(self._env.observation_space)]
        self._waits, self._quiets = waits, quiets

    def bound_to(self, env: Environment) -> Self:
        """Return this policy for its environment in the wrappers of `env`.

        Raises:
            ValueError: If `env` is another environment.
        """
        if env.unwrapped is not self._env:
            raise ValueError(
                "this handcrafted policy reads the state of the environment that it was made for, "
                f"not that of {env}; make one for it: HandcraftedPolicy(env)"
            )
        bound = copy(self)
        bound._shown = [*self._shown, _shapes(env.observation_space)]
        return bound

    def predict(
        self,
        observation: Any = None,
        state: Any = None,
        episode_start: Any = None,
        deterministic: bool = True,
        action_masks: Any = None,
    ) -> tuple[Any, Any]:
        """Return the actions for the environment as it stands, and `state` as it came.

        Returns:
            An `np.int64` for a single environment, else an array `(N,)`.

        Raises:
            ValueError: If the observation or the masks are of another environment.
        """
        del episode_start, deterministic
        self._require_own(observation, action_masks)
        actions = self.actions()
        return (actions if self._rows else actions[0]), state

    def distribution(
        self, observation: Any = None, state: Any = None, mask: Any = None
    ) -> tuple[Categorical[int], Any]:
        """Return the certain choice of the action for a single environment.

        Raises:
            ValueError: If the environment is a vector, or observation or mask are of another one.
        """
        if self._rows:
            raise ValueError(
                f"this handcrafted policy plays {self._rows[0]} environments at once; "
                "predict() and actions() tell the actions of all"
            )
        self._require_own(observation, mask)
        return certain(int(self.actions()[0])), state

    def actions(self) -> NDArray[np.int64]:
        """Return the action of every environment, shape `(N,)`."""
        dialogues, count = self._dialogues, self._dialogues.count
        tables, state, actions = dialogues.tables, dialogues.state, np.zeros(count, np.int64)
        if tables.driving:
            choose_many_in_car(tables, state, actions, self._waits, self._quiets, 0, count)
        else:
            choose_many(tables, state, actions, 0, count)
        return actions

    def _require_own(self, observation: Any, masks: Any) -> None:
        """Raise a ValueError if what is seen cannot be of the environment it was made for."""
        own = (*self._rows, self._dialogues.num_actions)
        if masks is not None and np.shape(masks) != own:
            raise ValueError(
                f"an action mask of shape {np.shape(masks)} is of another environment than the "
                f"one that this handcrafted policy was made for, whose masks have shape {own}; "
                "make one for it: HandcraftedPolicy(env)"
            )
        if observation is not None and (seen := _shape(observation)) not in self._shown:
            raise ValueError(
                f"an observation of shape {seen} is of another environment than the one that this "
                f"handcrafted policy was made for, which shows {self._shown[-1]}; make one for it "
                "in its wrappers, HandcraftedPolicy(env), or give no observation: it needs none"
            )


def _shapes(space: spaces.Space[Any]) -> Any:
    """Return the shape of a space's observations, by name where they have names."""
    if isinstance(space, spaces.Dict):
        return {name: part.shape for name, part in space.spaces.items()}
    return space.shape


def _shape(observation: Any) -> Any:
    """Return the shape of an observation as `_shapes` does."""
    if isinstance(observation, dict):
        return {name: np.shape(part) for name, part in observation.items()}
    return np.shape(observation)
