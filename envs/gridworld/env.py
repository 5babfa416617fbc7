"""`rlkit/GridWorld-v0`: gridworlds as Gymnasium environments."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from gymnasium.vector import AutoresetMode
from numpy.typing import ArrayLike

from rlkit.arrays import Floats
from rlkit.envs.adapter import MDPEnv, MDPVectorEnv
from rlkit.envs.gridworld.problem import GridWorldMDP


class GridWorldEnv(MDPEnv):
    """Find the goal on a map of walls and pits.

    ## Description
    The agent stands in a cell and moves up, right, down or left; walls and the border stop it. With
    `slip` it may go sideways instead.

    ## Action Space
    `Discrete(4)`: 0 up, 1 right, 2 down, 3 left.

    ## Observation Space
    `Discrete(S)`, the index of the cell, walls not counted, row by row.

    ## Starting State
    A cell marked `S`; any free cell if none is. `reset(options={"state": index})` chooses.

    ## Rewards
    `goal_reward` on entering a goal, `pit_reward` on entering a pit, `step_reward` on every step.

    ## Episode End
    Terminates in a goal or a pit; truncates after 200 steps as registered.

    ## Information
    `action_mask`; at the end `success`, whether it is a goal.

    ## Arguments
    `map` (a name, text, or rows of `#` wall, `.` free, `S` start, `G` goal, `P` pit), `slip`,
    `goal_reward`, `pit_reward`, `step_reward`, `discount`, `render_mode`.

    ## Version History
    v0: first version.
    """

    metadata: dict[str, Any] = {  # noqa: RUF012 - Gymnasium's contract
        "render_modes": ["human", "rgb_array", "ansi"],
        "render_fps": 8,
    }

    def __init__(
        self,
        *,
        map: str | Sequence[str] = "classroom",  # noqa: A002 - the keyword users know
        slip: float = 0.0,
        goal_reward: float = 1.0,
        pit_reward: float = -1.0,
        step_reward: float = 0.0,
        discount: float = 0.99,
        render_mode: str | None = None,
    ) -> None:
        self.grid = GridWorldMDP(
            map,
            slip=slip,
            goal_reward=goal_reward,
            pit_reward=pit_reward,
            step_reward=step_reward,
            discount=discount,
        )
        super().__init__(self.grid, render_mode=render_mode)
        self._values: Floats | None = None
        self._policy: Floats | None = None
        self._window: Any = None

    def overlay(self, values: ArrayLike | None = None, policy: ArrayLike | None = None) -> None:
        """Draw values `(S,)` as a heat map and a policy, actions `(S,)` or probabilities `(S, 4)`.

        None takes the overlay away.
        """
        self._values = None if values is None else np.asarray(values, dtype=np.float64)
        self._policy = None if policy is None else np.asarray(policy, dtype=np.float64)

    def render(self) -> Any:
        """Return a frame (`rgb_array`), text (`ansi`), or show a window (`human`)."""
        from rlkit.envs.gridworld import view

        cell = self.grid.states[self.state_index] if self.state_index >= 0 else None
        if self.render_mode == "ansi":
            return view.describe(self.grid.rows, cell)
        if self.render_mode is None:
            return None
        frame = view.draw(
            self.grid.rows,
            cell,
            values=None if self._values is None else self.grid.on_map(self._values),
            policy=None if self._policy is None else self.grid.on_map(self._policy),
        )
        if self.render_mode == "rgb_array":
            return frame
        if self._window is None:
            from rlkit.envs.view.window import Window

            size = (frame.shape[1], frame.shape[0])
            self._window = Window(size, "GridWorld", self.metadata["render_fps"])
        self._window.play([frame])
        return None

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """Draw a first state; see `MDPEnv.reset`."""
        answer = super().reset(seed=seed, options=options)
        if self.render_mode == "human":
            self.render()
        return answer

    def step(self, action: Any) -> tuple[Any, Any, bool, bool, dict[str, Any]]:
        """Move; see `MDPEnv.step`."""
        answer = super().step(action)
        if self.render_mode == "human":
            self.render()
        return answer

    def close(self) -> None:
        """Close the window, if there is one."""
        if self._window is not None:
            self._window.close()
            self._window = None

    def _told(self, state: int, action: int, place: int) -> dict[str, Any]:
        del state, action, place
        cell = self.grid.states[self.state_index]
        return {"success": self.grid.rows[cell[0]][cell[1]] == "G"} if self.over else {}


class GridWorldVectorEnv(MDPVectorEnv):
    """Thousands of gridworlds in one compiled step; see `GridWorldEnv` for the arguments."""

    def __init__(
        self,
        num_envs: int = 1,
        *,
        autoreset_mode: AutoresetMode | str = AutoresetMode.NEXT_STEP,
        max_episode_steps: int | None = None,
        **arguments: Any,
    ) -> None:
        self.grid = GridWorldMDP(**arguments)
        super().__init__(
            self.grid,
            num_envs,
            autoreset_mode=autoreset_mode,
            max_episode_steps=max_episode_steps,
        )
