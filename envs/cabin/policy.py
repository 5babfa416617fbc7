"""The handcrafted policy, as an agent that plays any cabin environment."""

from typing import Any

import gymnasium
import numpy as np
from gymnasium.vector import VectorEnv
from numpy.typing import NDArray

from rlkit.categorical import Categorical
from rlkit.envs.cabin.assistant.car_handcrafted import choose_many_in_car
from rlkit.envs.cabin.assistant.handcrafted import choose_many
from rlkit.envs.cabin.simulator.simulator import Simulator


class HandcraftedPolicy:
    """Clarifies what is half understood, asks for what is missing, then offers or executes.

    These are PyDial's rules; on a road for each function of the car, and with an eye on traffic
    and noise. It decides from the beliefs in the environment's state, whatever the environment
    shows as observation.

    In the benchmark's scenarios it ignores the action masks, like the original: binding it to an
    environment makes that environment carry out masked acts too (`info["action_mask"]` and
    `info["illegal"]` still tell), until `release()`.

    Args:
        env: A cabin environment, single or vector, wrapped or not.
        waits: Whether it waits while the road leaves the driver no time to answer.
        quiets: Whether it quiets the cabin before it listens.
    """

    def __init__(
        self,
        env: gymnasium.Env[Any, Any] | VectorEnv[Any, Any, Any],
        *,
        waits: bool = True,
        quiets: bool = True,
    ) -> None:
        simulator = getattr(env.unwrapped, "simulator", None)
        if not isinstance(simulator, Simulator):
            raise TypeError(f"the handcrafted policy plays cabin environments, got {env}")
        self._simulator = simulator
        self._single = isinstance(env.unwrapped, gymnasium.Env)
        self._actions = np.zeros(simulator.count, np.int64)
        self._waits, self._quiets = waits, quiets
        if not simulator.driving:
            simulator.tables.rules["enforce"] = False

    def release(self) -> None:
        """Make masked acts do nothing again."""
        self._simulator.tables.rules["enforce"] = True

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
        """
        del observation, episode_start, deterministic, action_masks
        actions = self.actions()
        return (actions[0] if self._single else actions), state

    def distribution(
        self, observation: Any = None, state: Any = None, mask: Any = None
    ) -> tuple[Categorical[int], Any]:
        """Return the certain choice of the action for a single environment."""
        del observation, mask
        return Categorical((int(self.actions()[0]),), (1.0,)), state

    def actions(self) -> NDArray[np.int64]:
        """Return the action of every environment, shape `(N,)`."""
        simulator, actions = self._simulator, self._actions
        tables, state, count = simulator.tables, simulator.state, simulator.count
        if simulator.cars is None:
            choose_many(tables, state, actions, 0, count)
        else:
            choose_many_in_car(
                tables, simulator.cars, state, actions, self._waits, self._quiets, 0, count
            )
        return self._actions.copy()
