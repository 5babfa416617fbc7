"""`rlkit/GridWorld-v0` and its classics: gridworlds as Gymnasium environments."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from gymnasium.vector import AutoresetMode
from numpy.typing import ArrayLike

from rlkit.arrays import Array, Floats
from rlkit.envs.adapter import MDPEnv, MDPVectorEnv
from rlkit.envs.gridworld import maps
from rlkit.envs.gridworld.observations import observations_of
from rlkit.envs.gridworld.problem import GridWorldMDP
from rlkit.envs.gridworld.random_maps import random_map


class GridWorldEnv(MDPEnv):
    """Find the goal on a map of walls, pits, cliffs, wind, portals, keys and doors.

    ## Description
    The agent stands in a cell and moves; walls, closed doors and the border stop it. With `slip` it
    may go to either side instead, with `noise` in any other direction; these probabilities are
    rounded to multiples of 2^-24. The tiles of a map:

    | tile | what it does |
    |---|---|
    | `#` | a wall |
    | `.` | free |
    | `S` | a start; one of them at random |
    | `G` | a goal, which ends the episode |
    | `P` | a pit, which ends it too |
    | `X` | a cliff: back to the start |
    | `+` `-` | a bonus, a penalty, on every step that leads there or stays there |
    | `^` `>` `v` `<` | one-way: left in this direction only |
    | `0` ... `9` | a portal: who steps on one comes out at its partner |
    | `a` ... `f` | a key, which is taken by stepping on it and then kept |
    | `A` ... `F` | the doors that it opens |

    `wind` blows upwards in the columns where it is positive: it adds to the move that begins there.
    A move goes sideways first, then up or down, cell by cell as far as nothing blocks the way; only
    the cell where it ends counts.

    ## Action Space
    `Discrete(4)`: 0 up, 1 right, 2 down, 3 left. With `moves="king"` eight, clockwise from up; with
    `moves="walk"` a single one, which goes left or right with equal odds. `stay` adds a last action
    that stays.

    ## Observation Space
    `Discrete(S)`, the index of the state (`observation="index"`): of the cells that can be reached,
    row by row, once for each set of keys that can be held. `"coordinates"`: row, column, and
    whether each key is held, int32. `"one-hot"`: `(S,)` float32. `"view"`: the tiles around the
    agent as far as `radius`, uint8 codes in the order of the legend, 0 for what walls and closed
    doors hide (with `occlusion`). `"pixels"`: a picture, 8 pixels a cell, uint8.

    ## Starting State
    A cell marked `S`; any free cell if none is. `reset(options={"state": index})` chooses.

    ## Rewards
    `step_reward` on every step, and beside it what the tile pays that the step leads to:
    `goal_reward`, `pit_reward`, `cliff_reward`, or what `rewards` says.

    ## Episode End
    Terminates in a goal or a pit; truncates after 200 steps as registered.

    ## Information
    `action_mask`; at the end `success`, whether it is a goal.

    ## Arguments
    `map` (a name, a `.txt` or `.map` file, text, or rows), `map_seed` (draws a random map of 8 x 8
    cells instead; see `rlkit.envs.gridworld.random_maps` for others and for splits), `moves`
    (four, king, walk), `stay`, `slip`, `noise`, `wind` (a list, a number a column), `goal_reward`,
    `pit_reward`, `cliff_reward`, `step_reward`, `rewards` (a tile or "row,column" to a number),
    `discount`, `observation`, `radius`, `occlusion`, `render_mode`.

    ## Version History
    v0: first version.
    """

    metadata: dict[str, Any] = {  # noqa: RUF012 - Gymnasium's contract
        "render_modes": ["human", "rgb_array", "ansi"],
        "render_fps": 8,
    }
    remade: ClassVar[tuple[str, ...]] = ("_window",)

    def __init__(
        self,
        *,
        map: str | Sequence[str] = "classroom",  # noqa: A002 - the keyword users know
        map_seed: int | None = None,
        moves: str = "four",
        stay: bool = False,
        slip: float = 0.0,
        noise: float = 0.0,
        wind: Sequence[int] | None = None,
        goal_reward: float = 1.0,
        pit_reward: float = -1.0,
        cliff_reward: float = -1.0,
        step_reward: float = 0.0,
        rewards: Mapping[str, float] | None = None,
        discount: float = 0.99,
        observation: str = "index",
        radius: int = 2,
        occlusion: bool = False,
        render_mode: str | None = None,
    ) -> None:
        self.grid = GridWorldMDP(
            map if map_seed is None else random_map(map_seed),
            moves=moves,
            stay=stay,
            slip=slip,
            noise=noise,
            wind=wind,
            goal_reward=goal_reward,
            pit_reward=pit_reward,
            cliff_reward=cliff_reward,
            step_reward=step_reward,
            rewards=rewards,
            discount=discount,
        )
        seen, space = observations_of(self.grid, observation, radius=radius, occlusion=occlusion)
        super().__init__(
            self.grid, observations=seen, observation_space=space, render_mode=render_mode
        )
        self._overlays: dict[str, Floats] = {}

    def _remake(self) -> None:
        super()._remake()
        self._window: Any = None

    @property
    def action_names(self) -> tuple[str, ...]:
        """What the actions are called."""
        return tuple(self.grid.actions)

    def overlay(
        self,
        values: ArrayLike | None = None,
        policy: ArrayLike | None = None,
        *,
        visits: ArrayLike | None = None,
        q: ArrayLike | None = None,
    ) -> None:
        """Draw what is known of the states over the map, from now on; without arguments nothing.

        Args:
            values: `(S,)`, a heat map.
            policy: Arrows: actions `(S,)` or probabilities `(S, A)`.
            visits: How often each state was visited, `(S,)`, or each pair, `(S, A)`: a heat map.
            q: `(S, A)`, a wedge for each action.

        Raises:
            ValueError: If more than one of values, visits and q is given, or a shape is wrong.
        """
        given = {"values": values, "policy": policy, "visits": visits, "q": q}
        tables = {name: np.asarray(t, np.float64) for name, t in given.items() if t is not None}
        for name, table in tables.items():
            self._check_overlay(name, table)
        if "visits" in tables:
            tables["visits"] = tables["visits"].reshape(self.model.num_states, -1).sum(axis=1)
        if len(tables.keys() - {"policy"}) > 1:
            raise ValueError("values, visits and q all colour the cells: give one of them")
        self._overlays = tables

    def render(self) -> Any:
        """Return a frame (`rgb_array`), text (`ansi`), or show a window (`human`)."""
        if self.render_mode is None:
            return None
        from rlkit.envs.gridworld import view

        place = self.grid.states[self.state_index] if self.state_index >= 0 else None
        cell, keys = (None, "") if place is None else (place[:2], place.keys)
        if self.render_mode == "ansi":
            return view.describe(self.grid.rows, cell, keys)
        laid = {name: self.grid.places.on_map(t, keys) for name, t in self._overlays.items()}
        frame = view.draw(self.grid.rows, cell, keys=keys, headings=self.grid.headings, **laid)
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
        if not self.over:
            return {}
        row, column, _ = self.grid.states[self.state_index]
        return {"success": self.grid.rows[row][column] == maps.GOAL}

    def _check_overlay(self, name: str, table: Array) -> None:
        pairs = (self.model.num_states, self.model.num_actions)
        allowed: list[tuple[int, ...]] = [pairs[:1]] * (name != "q") + [pairs] * (name != "values")
        if table.shape not in allowed:
            shapes = " or ".join(str(shape) for shape in allowed)
            raise ValueError(f"{name} must have shape {shapes}, got {table.shape}")


class GridWorldVectorEnv(MDPVectorEnv):
    """Thousands of gridworlds in one compiled step; see `GridWorldEnv` for the arguments."""

    def __init__(
        self,
        num_envs: int = 1,
        *,
        map: str | Sequence[str] = "classroom",  # noqa: A002 - the keyword users know
        map_seed: int | None = None,
        observation: str = "index",
        radius: int = 2,
        occlusion: bool = False,
        autoreset_mode: AutoresetMode | str = AutoresetMode.NEXT_STEP,
        max_episode_steps: int | None = None,
        **rules: Any,
    ) -> None:
        self.grid = GridWorldMDP(map if map_seed is None else random_map(map_seed), **rules)
        seen, space = observations_of(self.grid, observation, radius=radius, occlusion=occlusion)
        super().__init__(
            self.grid,
            num_envs,
            observations=seen,
            observation_space=space,
            autoreset_mode=autoreset_mode,
            max_episode_steps=max_episode_steps,
        )
