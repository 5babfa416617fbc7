"""The cabin dialogue as a native vector environment: the same kernels, thousands at a time."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space
from numpy.typing import NDArray

from rlkit.checks import whole
from rlkit.envs.arguments import RESET_MASK, checked_options, checked_seeds, chosen_by, step_limit
from rlkit.envs.cabin.cabin import END_FIELDS, Cabin, InCabin, checked_actions
from rlkit.envs.cabin.dashboard import ACT_FPS
from rlkit.envs.cabin.scenario.options import Options
from rlkit.envs.cabin.simulator.outputs import Outputs
from rlkit.envs.cabin.simulator.simulator import LOOK, RESET, SKIP, Simulator
from rlkit.envs.cabin.state.reward import REWARD_TERMS
from rlkit.names import unknown
from rlkit.randomness import derive

RENDER_MODES = ("ansi",)


class CabinVectorEnv(InCabin, VectorEnv[Any, NDArray[np.int64], NDArray[Any]]):
    """Many dialogues at once, bit for bit those of `CabinEnv`.

    Environment i of a vector seeded with s has the random stream `derive(s, i)`; a list of seeds
    gives environment i the trajectory that the single environment has with its seed.

    Args:
        num_envs: The number of dialogues N.
        autoreset_mode: What happens after an end: a new dialogue at the next step (the default,
            which ignores that action), at once, or when the caller resets.
        threads: Threads to use; all cores of the process by default.
        render_mode: None or "ansi".
        max_episode_steps: Truncates dialogues after so many acts; None and -1 do not.
        arguments: Those of `Options`.
    """

    metadata: dict[str, Any] = {  # noqa: RUF012 (Gymnasium's declaration)
        "render_modes": list(RENDER_MODES),
        "render_fps": ACT_FPS,
        "autoreset_mode": AutoresetMode.NEXT_STEP,
    }

    def __init__(
        self,
        num_envs: int = 1,
        *,
        autoreset_mode: AutoresetMode | str = AutoresetMode.NEXT_STEP,
        threads: int | None = None,
        render_mode: str | None = None,
        max_episode_steps: int | None = None,
        **arguments: Any,
    ) -> None:
        num_envs = whole("num_envs", num_envs, 1)
        if render_mode is not None and render_mode not in RENDER_MODES:
            raise ValueError(f"render_mode is None or one of {RENDER_MODES}, got {render_mode!r}")
        self.num_envs = num_envs
        self.autoreset_mode = _autoreset_mode(autoreset_mode)
        self.metadata = {**type(self).metadata, "autoreset_mode": self.autoreset_mode}
        self.render_mode = render_mode
        self.cabin = Cabin(
            Options(**arguments),
            lambda scenario: Simulator(scenario.tables, num_envs, threads),
        )
        self.simulator: Simulator = self.cabin.dialogues
        self.observer = self.cabin.observer
        self.single_observation_space = self.cabin.observation_space
        self.single_action_space = self.cabin.action_space
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self.action_space = batch_space(self.single_action_space, num_envs)
        self._mask = np.ones((num_envs, len(self.actions)), np.int8)
        self._everywhere = np.ones(num_envs, np.bool_)
        self._over = np.zeros(num_envs, np.bool_)
        self._limit = step_limit(max_episode_steps)
        self._acts = np.zeros(num_envs, np.int64)
        self._seeded = False

    def reset(
        self,
        *,
        seed: int | Sequence[int | None] | None = None,
        options: dict[str, Any] | None = None,
    ) -> tuple[Any, dict[str, Any]]:
        """Begin new dialogues, in all environments or where `options["reset_mask"]` is True.

        Raises:
            ValueError: If the seeds or the mask do not fit, or an option is unknown.
        """
        given = checked_options(options, RESET_MASK)
        chosen = chosen_by(given, self.num_envs, first=not self._seeded)
        self._seed(checked_seeds(seed, self.num_envs), chosen)
        actions = np.where(chosen, RESET, LOOK)
        self._over = self._over & ~chosen
        self._acts[chosen] = 0
        outputs = self.simulator.new_outputs()
        self.simulator.advance(actions, outputs)
        observation = self.observer.batch(outputs, np.where(chosen, RESET, SKIP))
        return observation, self._mask_info(outputs)

    def step(
        self, actions: NDArray[np.int64] | Sequence[int]
    ) -> tuple[Any, NDArray[np.float64], NDArray[np.bool_], NDArray[np.bool_], dict[str, Any]]:
        """Take one act in every environment.

        Raises:
            ValueError: If an action is none, is masked and `on_illegal="error"`, or a dialogue
                that is over was not reset; nothing has stepped then.
        """
        moves = checked_actions(actions, self.num_envs, len(self.actions))
        if not self._seeded:
            raise ValueError("call reset() before the first step")
        if self._over.any():
            self._require_autoreset(self._over)
            moves[self._over] = RESET
        acts = np.where(self._over, 0, self._acts + 1)
        if self.options.on_illegal == "error":
            self._require_legal(moves)
        outputs = self.simulator.new_outputs()
        self.simulator.advance(moves, outputs)
        observation = self.observer.batch(outputs, moves)
        self._acts = acts
        self._over = over = self._ends(outputs)
        info = self._mask_info(outputs)
        self._report(info, outputs, over)
        if over.any() and self.autoreset_mode is AutoresetMode.SAME_STEP:
            observation = self._begin_again(over, outputs, observation, info)
        return observation, outputs.reward, outputs.terminated, outputs.truncated, info

    def action_masks(self) -> NDArray[np.bool_]:
        """Return which acts are legal now, shape `(N, A)`."""
        return self._mask.astype(np.bool_)

    def get_state(self) -> dict[str, NDArray[Any]]:
        """Return a copy of all that the next steps depend on, the random streams included."""
        own = {"acts": self._acts.copy()}
        return {**self.simulator.get_state(), **self.observer.get_state(), **own}

    def set_state(self, state: dict[str, NDArray[Any]]) -> None:
        """Continue from a copy that `get_state` returned."""
        self.simulator.set_state(state)
        self.observer.set_state(state)
        self._seeded = True
        outputs = self.simulator.new_outputs()
        self.simulator.advance(np.full(self.num_envs, LOOK), outputs)
        self._mask = outputs.mask
        # The state of a single environment, which Gymnasium's wrapper cuts, has no count.
        self._acts = state.get("acts", np.zeros(self.num_envs, np.int64)).copy()
        self._over = self._ends(outputs)

    def render(self) -> tuple[str, ...] | None:
        """Return the last exchange of every environment as text, in render mode "ansi"."""
        if self.render_mode is None:
            return None
        from rlkit.envs.cabin.language.transcript import as_text
        from rlkit.envs.cabin.reporting import exchange

        told = (exchange(self.domain, self.simulator, i) for i in range(self.num_envs))
        return tuple(as_text(one) for one in told)

    def close_extras(self, **kwargs: Any) -> None:
        """End the threads."""
        del kwargs
        self.simulator.close()

    def _ends(self, outputs: Outputs) -> NDArray[np.bool_]:
        """Truncate the dialogues that have reached the limit; return which are over."""
        if self._limit > 0:
            outputs.truncated[(self._acts >= self._limit) & ~outputs.terminated] = True
        return outputs.terminated | outputs.truncated

    def _begin_again(
        self, over: NDArray[np.bool_], outputs: Outputs, observation: Any, info: dict[str, Any]
    ) -> Any:
        """Begin new dialogues at once; what the old ones ended with goes into `info`."""
        info["final_obs"], info["_final_obs"] = _rows(observation, over), over.copy()
        info["final_info"] = {
            key: value.copy() if isinstance(value, np.ndarray) else value
            for key, value in info.items()
            if not key.endswith("final_obs")
        }
        info["_final_info"] = over.copy()
        moves = np.where(over, RESET, SKIP)
        ends = outputs._replace(
            reward=np.empty_like(outputs.reward),
            terminated=np.empty_like(outputs.terminated),
            truncated=np.empty_like(outputs.truncated),
            illegal=np.empty_like(outputs.illegal),
            terms=np.empty_like(outputs.terms),
        )
        self.simulator.advance(moves, ends)
        self._acts[over] = 0
        self._over = np.zeros(self.num_envs, np.bool_)
        info.update(self._mask_info(outputs))
        return self.observer.batch(outputs, moves)

    def _report(self, info: dict[str, Any], outputs: Outputs, over: NDArray[np.bool_]) -> None:
        """Tell the reward terms, the illegal acts and, where dialogues ended, how."""
        info["reward_terms"] = {
            REWARD_TERMS[column]: outputs.terms[:, column] for column in self.simulator.weighted
        }
        info["_reward_terms"] = self._everywhere.copy()
        info["illegal"], info["_illegal"] = outputs.illegal, self._everywhere.copy()
        if over.any():
            record = self.simulator.record
            places = np.flatnonzero(over)
            for key, field in END_FIELDS.items():
                info[key] = np.zeros(self.num_envs, record.dtype[field])
                info[key][places] = record[field][places]
                info[f"_{key}"] = over.copy()

    def _mask_info(self, outputs: Outputs) -> dict[str, Any]:
        self._mask = outputs.mask
        return {"action_mask": outputs.mask.copy(), "_action_mask": self._everywhere.copy()}

    def _seed(self, seed: int | list[int | None] | None, chosen: NDArray[np.bool_]) -> None:
        """Give the chosen environments new random streams, if asked to or if they have none."""
        record = self.simulator.record
        if isinstance(seed, int):
            super().reset(seed=seed)
            keys = np.array([derive(seed, i) for i in range(self.num_envs)], np.uint64)
        elif seed is not None:
            keys = self._keys_of(seed)
            chosen = chosen & np.array([one is not None for one in seed])
        elif not self._seeded:
            keys = self.np_random.integers(0, 2**64, self.num_envs, np.uint64)
        else:
            return
        record["key"][chosen] = keys[chosen]
        record["counter"][chosen] = 0
        self._seeded = True

    def _keys_of(self, seeds: list[int | None]) -> NDArray[np.uint64]:
        if not self._seeded:
            self.simulator.seed(self.np_random.integers(0, 2**64, self.num_envs, np.uint64))
        return np.array([derive(one, 0) if one is not None else 0 for one in seeds], np.uint64)

    def _require_autoreset(self, ended: NDArray[np.bool_]) -> None:
        if self.autoreset_mode is AutoresetMode.DISABLED:
            raise ValueError(
                f"the dialogues of environments {np.flatnonzero(ended).tolist()} are over; call "
                f'reset(options={{"reset_mask": ...}}) first'
            )

    def _require_legal(self, moves: NDArray[np.int64]) -> None:
        playing = np.flatnonzero(moves >= 0)
        masked = playing[self._mask[playing, moves[playing]] == 0]
        if len(masked):
            i = int(masked[0])
            legal = [self.actions[k].name for k in np.flatnonzero(self._mask[i])]
            raise ValueError(
                f"the act {self.actions[moves[i]].name!r} is masked in environment {i}; "
                f"legal: {', '.join(legal)}"
            )


def _rows(observation: Any, chosen: NDArray[np.bool_]) -> NDArray[np.object_]:
    """Return copies of the chosen environments' observations, None elsewhere."""
    rows = np.full(len(chosen), None, object)
    for i in np.flatnonzero(chosen):
        if isinstance(observation, dict):
            rows[i] = {name: array[i].copy() for name, array in observation.items()}
        else:
            rows[i] = observation[i].copy()
    return rows


def _autoreset_mode(mode: AutoresetMode | str) -> AutoresetMode:
    if isinstance(mode, AutoresetMode):
        return mode
    names = {member.value: member for member in AutoresetMode}
    names |= {member.name.lower(): member for member in AutoresetMode}
    if mode not in names:
        raise ValueError(unknown("autoreset_mode", str(mode), names))
    return names[mode]
