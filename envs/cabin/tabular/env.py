"""`rlkit/CabinTabular-v0`: the exact cabin as a Gymnasium environment."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from gymnasium.vector import AutoresetMode

from rlkit.arrays import Array
from rlkit.elements import Element, Elements
from rlkit.envs.adapter import MDPEnv, MDPVectorEnv
from rlkit.envs.cabin.dashboard import ACT_FPS, FPS
from rlkit.envs.cabin.dashboard.scene import CabinScene
from rlkit.envs.cabin.dashboard.screen import Screen
from rlkit.envs.cabin.tabular.acts import Event, outcome
from rlkit.envs.cabin.tabular.config import TabularCabinConfig, Weights
from rlkit.envs.cabin.tabular.handcrafted import TabularRules, rules
from rlkit.envs.cabin.tabular.problem import TabularCabin
from rlkit.envs.cabin.tabular.tables import tables
from rlkit.names import unknown

OBSERVATIONS = ("index", "vector")


class TabularCabinEnv(MDPEnv):
    """A small cabin with exact probabilities, so that regret to the optimum is known.

    ## Description
    A driver wants one command done, made of *what* and a *value*, while driving. The assistant
    hears through noise, may ask, confirm, carry out, refuse, close the window, wait or hand over.
    Speaking in a busy moment costs safety; see `rlkit.envs.cabin.car.laws` for the laws. Their
    probabilities are rounded to multiples of 2^-24, so every machine has the same tables.

    ## Action Space
    `Discrete(9)`: request what, request value, confirm what, confirm value, execute, refuse,
    quiet, wait, hand over. `info["action_mask"]` tells the legal ones. With `slots=3` there are 11.

    ## Observation Space
    `Discrete(8641)`, the state index (`observation="index"`), or a float32 vector in [0, 1]
    (`observation="vector"`, named by `feature_names`). Both show all that the assistant can know.

    ## Starting State
    Nothing is known, the road is in its stationary distribution, the window open or closed, the
    patience 2 or 3. `reset(options={"state": index})` chooses.

    ## Rewards
    A sum of named terms, see `Weights`; `info["reward_terms"]` has those of the step.

    ## Episode End
    Terminates when a command is carried out, refused or handed over, or the driver breaks off.
    Never truncates by itself.

    ## Information
    `action_mask`, `reward_terms`, `events`, `illegal`; at the end `success` (the right command, or
    a justified refusal), `turns` (acts other than waits), `seconds`, `risk` (seconds at risk) and
    `outcome`.

    ## Arguments
    `slots` (2 or 3), `observation`, `reward` (weights by name), `masks`, `on_illegal`,
    `render_mode` (`human`, `rgb_array`, `ansi`).

    ## Version History
    v0: first version.
    """

    metadata: dict[str, Any] = {  # noqa: RUF012 - Gymnasium's contract
        "render_modes": ["human", "rgb_array", "ansi"],
        "render_fps": ACT_FPS,
        "motion_fps": FPS,  # of what `frames` yields
    }

    def __init__(
        self,
        *,
        slots: int = 2,
        observation: str = "index",
        reward: Mapping[str, float] | None = None,
        masks: bool = True,
        on_illegal: str = "null",
        render_mode: str | None = None,
        config: TabularCabinConfig | None = None,
    ) -> None:
        self.cabin = cabin_of(slots, reward, config)
        super().__init__(
            self.cabin,
            observations=observations_of(self.cabin, observation),
            masks=masks,
            on_illegal=on_illegal,
            render_mode=render_mode,
        )
        self.history: list[tuple[int, int, Event, dict[str, float]]] = []
        self._screen = Screen(render_mode) if render_mode else None

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The meaning of each entry of the observation vector."""
        return self.cabin.states.feature_names()

    @property
    def elements(self) -> Elements:
        """The five elements, with the handcrafted rules as reference policy."""
        plain = super().elements
        return replace(
            plain,
            state=Element(
                "s",
                f"{self.model.num_states:,} states: what is known of each slot and how surely, "
                "window, road, load, patience; never the truth",
                self.cabin.states,
            ),
            policy=Element(
                "pi(a|s)",
                "any agent; the road-aware handcrafted rules as reference",
                rules(self.cabin),
            ),
            reward=Element(
                "r(s,a,s')",
                "time, risk, success, wrong, unsafe, refusal, break_off, hand_over, quiet; "
                f"discount {self.discount:g} a decision",
                self.cabin.reward,
            ),
        )

    def handcrafted(self) -> TabularRules:
        """Return the reference policy of this environment."""
        return TabularRules(self)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """Draw a first state; see `MDPEnv.reset`."""
        self.history = []
        answer = super().reset(seed=seed, options=options)
        if self._screen is not None:
            self._screen.begin(self._scene())
        return answer

    def set_state(self, state: dict[str, int]) -> None:
        """Go on exactly where `get_state` was called; what `info` sums up starts anew."""
        super().set_state(state)
        self.history = []
        if self._screen is not None and not self.over:
            self._screen.begin(self._scene())

    def step(self, action: Any) -> tuple[Any, Any, bool, bool, dict[str, Any]]:
        """Take one act; see `MDPEnv.step`."""
        answer = super().step(action)
        if self._screen is not None:
            self._screen.add(self._scene())
        return answer

    def _told(self, state: int, action: int, place: int) -> dict[str, Any]:
        events = Event(int(self.tabular.outcomes.events[place]))
        terms = self.cabin.terms(state, action, events)
        self.history.append((state, action, events, terms))
        told: dict[str, Any] = {"reward_terms": terms, "events": _names(events)}
        return told | self._summary() if self.over else told

    def _summary(self) -> dict[str, Any]:
        """Return what `info` tells at the end of an episode."""
        seconds, risk, turns = 0, 0.0, 0
        for state, action, events, _ in self.history:
            spent, risked = self.cabin.cost(state, action, events)
            seconds, risk = seconds + spent, risk + risked
            turns += self.cabin.actions[action] != "wait"
        last = self.history[-1][2]
        good = bool(last & (Event.SUCCESS | Event.REFUSED))
        return {
            "success": good,
            "turns": turns,
            "seconds": seconds,
            "risk": risk,
            "outcome": outcome(last),
        }

    def render(self) -> Any:
        """Return a frame (`rgb_array`) or text (`ansi`); in `human` the window shows every step."""
        return None if self._screen is None else self._screen.render()

    def frames(self) -> Iterator[Any]:
        """Yield the frames since the last decision, so that a video shows the road move."""
        return iter(()) if self._screen is None else self._screen.frames()

    def close(self) -> None:
        """Close the window, if there is one."""
        if self._screen is not None:
            self._screen.close()

    def _scene(self) -> CabinScene:
        from rlkit.envs.cabin.tabular.view import scene_of

        return scene_of(self)


class TabularCabinVectorEnv(MDPVectorEnv):
    """Thousands of exact cabins in one compiled step; see `TabularCabinEnv` for the arguments."""

    def __init__(
        self,
        num_envs: int = 1,
        *,
        slots: int = 2,
        observation: str = "index",
        reward: Mapping[str, float] | None = None,
        masks: bool = True,
        autoreset_mode: AutoresetMode | str = AutoresetMode.NEXT_STEP,
        max_episode_steps: int | None = None,
        config: TabularCabinConfig | None = None,
    ) -> None:
        self.cabin = cabin_of(slots, reward, config)
        super().__init__(
            self.cabin,
            num_envs,
            observations=observations_of(self.cabin, observation),
            masks=masks,
            autoreset_mode=autoreset_mode,
            max_episode_steps=max_episode_steps,
        )


def cabin_of(
    slots: int, reward: Mapping[str, float] | None, config: TabularCabinConfig | None
) -> TabularCabin:
    """Return the cabin that the keywords of `gymnasium.make` describe.

    Raises:
        ValueError: For an unknown weight, with the nearest name, or one that is no number.
    """
    settings = config or TabularCabinConfig()
    settings = settings if config else replace(settings, slots=slots)
    for name, value in (reward or {}).items():
        if name not in Weights.__dataclass_fields__:
            raise ValueError(unknown("reward weight", name, Weights.__dataclass_fields__))
        if not np.isfinite(value):
            raise ValueError(f"the reward weight {name!r} must be a finite number, got {value}")
    return TabularCabin(replace(settings, weights=replace(settings.weights, **(reward or {}))))


def observations_of(cabin: TabularCabin, observation: str) -> Array | None:
    """Return the table of observations: None for the state index, `(S, F)` float32 for vectors."""
    if observation not in OBSERVATIONS:
        raise ValueError(unknown("observation", observation, OBSERVATIONS))
    if observation == "index":
        return None
    return cabin.states.features(tables(cabin.config).right).astype(np.float32)


def _names(events: Event) -> tuple[str, ...]:
    return tuple(str(event.name).lower() for event in Event if event in events)
