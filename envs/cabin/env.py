"""The cabin dialogue as a single Gymnasium environment: on the road, and as the benchmark."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar

import gymnasium
import numpy as np
from numpy.typing import NDArray

from rlkit.arrays import plain
from rlkit.copying import Copyable
from rlkit.envs.arguments import checked_options, checked_seed
from rlkit.envs.cabin.cabin import Cabin, InCabin, checked_action, end_report, term_report
from rlkit.envs.cabin.dashboard import ACT_FPS, FPS, RENDER_MODES
from rlkit.envs.cabin.scenario.options import Options
from rlkit.envs.cabin.simulator.simulator import LOOK, RESET, Simulator
from rlkit.randomness import derive

if TYPE_CHECKING:
    from rlkit.envs.cabin.language.transcript import Exchange
    from rlkit.envs.cabin.spectator.spectator import View


class CabinEnv(InCabin, Copyable, gymnasium.Env[Any, np.int64]):
    """A driver talks to the car while driving; the agent is the assistant's dialogue policy.

    ## Description
    The driver has one to three errands: find a place and drive there, charge, or have the car do
    something, from the windows to a phone call. The assistant hears them through a microphone that
    road, open windows, fan and music drown, believes what it can, and chooses a dialogue act. Every
    act takes seconds in which the road moves on: a question in a lane change is hardly answered
    and uses up the margin to the car ahead, one after it is safe. What the car may do depends on
    its state and speed; some wishes cannot be met, and the right answer is to say so. The car, its
    functions and rules are data (`docs/ontology.md`); the road is recorded traffic
    (`docs/drives.md`).

    ## Action Space
    Three acts for each slot (ask for it, have the best value confirmed, let the driver choose
    between the two best); for each function, read the whole command back; offer a place, answer
    what was asked about it, offer another one; execute, refuse (it cannot be done), ask to repeat,
    quiet the cabin (windows up, fan and music low until the dialogue is over), wait a second, hand
    over (put it on the screen for later), say good-bye. `info["action_mask"]` tells which acts make
    sense now: execution, for example, only of a complete, safe and, where it must be, confirmed
    command. A masked act does nothing and costs its time.

    ## Observation Space
    `observation="belief"` (the default): what the assistant believes, the clock, the command, the
    cabin's signals and the road, a float32 vector in [0, 1] whose numbers `feature_names` names.
    `"dict"`: the same as `observation`, with `action_mask`. `"history"`: the last `history` turns,
    for networks with memory. `"pixels"`: a drawing of 84 x 84 pixels of what was heard and
    believed, and of the road. The driver's errands and words are in none of them.

    ## Starting State
    A moment of a recorded drive, any that leaves 240 s of it, each as likely; a car as its driver
    has set it, a new driver with a temper and errands; what the driver said first has been heard.

    ## Rewards
    A sum of named terms, in `info["reward_terms"]`; their weights are the keyword `reward`.
    success +20 for each errand done as wanted; refusal +10 for a justified one; hand_over +4;
    wrong -8 (a command that was not wanted, a refusal without need); unsafe -10 (a broken rule);
    break_off -5 (the driver gives up); second -.2 and risk -2.5 for each second and second at risk;
    window -1 for closing the driver's; mood -1 for each unit that the driver's mood loses; turn 0.

    ## Episode End
    Terminates when every errand is over, when the driver gives up or either says good-bye, after
    an unsafe command, an unjustified refusal or a wrong command that nobody noticed, and after
    `max_turns` turns (waiting is none). Truncates when the recorded drive is over, which
    `info["interrupted"]` tells: then `success` is False, but nobody has failed, so that
    `rlkit.evaluate` gives the success of the other dialogues, and the share of these beside it.

    ## Information
    `action_mask` (int8), and after a step `illegal` and `reward_terms`; at the end also `success`
    (every errand ended as it should), `turns`, `seconds`, `risk` (seconds at risk), `mood` and
    `interrupted` (the drive was over first).

    ## Arguments
    `ontology` ("cabin", a venue domain, or a YAML file), `observation`, `history`, `reward`
    (weights by name), `user` ("standard", "unfriendly", or a YAML file), `ser` (a fixed error rate;
    None lets the noise decide), `masks`, `on_illegal` ("null" or "error"), `max_turns` (40),
    `drive` ("mixed", "city", "motorway", "parked", or a CSV file), `confusion_seed` (which of
    equally similar words are mistaken for each other), `confusion_tables` (how many such tables
    there are; each episode draws one), `render_mode` ("human", "rgb_array", "ansi").

    ## Version History
    v0: first version.
    """

    metadata: dict[str, Any] = {  # noqa: RUF012 (Gymnasium's declaration)
        "render_modes": list(RENDER_MODES),
        "render_fps": ACT_FPS,
        "motion_fps": FPS,  # of what `frames` yields
    }
    remade: ClassVar[tuple[str, ...]] = (
        "_record",
        "_advance",
        "_reward",
        "_illegal",
        "_terminated",
        "_truncated",
    )

    def __init__(self, *, render_mode: str | None = None, **arguments: Any) -> None:
        if render_mode is not None and render_mode not in RENDER_MODES:
            raise ValueError(f"render_mode is None or one of {RENDER_MODES}, got {render_mode!r}")
        self.render_mode = render_mode
        self.cabin = Cabin(
            Options(**arguments),
            lambda scenario: Simulator(scenario.tables, 1, threads=1),
        )
        self.simulator: Simulator = self.cabin.dialogues
        self.observation_space = self.cabin.observation_space
        self.action_space = self.cabin.action_space
        self._observe = self.cabin.observe_one
        self._outputs = self.simulator.new_outputs()
        self._action = np.zeros(1, np.int64)
        self._seeded = False
        self._playing = False
        self._view = self._open_view()
        self._remake()

    def _remake(self) -> None:
        super()._remake()
        outputs = self._outputs
        self._record = self.simulator.record[0]  # a view
        self._advance = self.simulator.stepping(self._action, outputs)
        self._reward, self._illegal = plain(outputs.reward), plain(outputs.illegal)
        self._terminated, self._truncated = plain(outputs.terminated), plain(outputs.truncated)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """Begin a dialogue; the trajectory is that of index 0 of a vector with the same seed.

        Raises:
            ValueError: If the seed is none, or there are options: it knows none.
        """
        seed = checked_seed(seed)
        checked_options(options)
        super().reset(seed=seed)
        if seed is not None:
            self.simulator.seed([derive(seed, 0)])
        elif not self._seeded:
            self.simulator.seed(self.np_random.integers(0, 2**64, 1, np.uint64))
        self._seeded = self._playing = True
        self._action[0] = RESET
        self._advance()
        if self._view is not None:
            self._view.begin()
        observation = self._observe(self._outputs, self._action)
        return observation, {"action_mask": self._outputs.mask[0].copy()}

    def step(self, action: np.int64 | int) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """Take one act.

        Raises:
            ValueError: If the action is no number of an act, if it is masked and
                `on_illegal="error"`, or if the dialogue is over or has not begun.
        """
        self._check(action)
        self._action[0] = action
        self._advance()
        terminated, truncated = self._terminated[0], self._truncated[0]
        info: dict[str, Any] = {
            "action_mask": self._outputs.mask[0].copy(),
            "illegal": self._illegal[0],
            "reward_terms": term_report(self.simulator.weighted, self._outputs.terms[0]),
        }
        if terminated or truncated:
            self._playing = False
            info.update(end_report(self._record))
        if self._view is not None:
            self._view.add()
        observation = self._observe(self._outputs, self._action)
        return observation, self._reward[0], terminated, truncated, info

    def action_masks(self) -> NDArray[np.bool_]:
        """Return which acts are legal now, shape `(A,)` (what sb3-contrib asks for)."""
        return np.array(self._outputs.mask[0], np.bool_)

    def get_state(self) -> dict[str, NDArray[Any]]:
        """Return a copy of all that the next steps depend on, the random stream included."""
        return {**self.simulator.get_state(), **self.cabin.observer.get_state()}

    def set_state(self, state: dict[str, NDArray[Any]]) -> None:
        """Continue from a copy that `get_state` returned."""
        self.simulator.set_state(state)
        self.cabin.observer.set_state(state)
        self._seeded = True
        self._playing = not self.simulator.record[0]["ended"]
        self._action[0] = LOOK
        self._advance()
        if self._view is not None:
            self._view.begin()

    def exchange(self) -> "Exchange":
        """Return the last exchange for a transcript; it tells the driver's goal."""
        from rlkit.envs.cabin.reporting import exchange

        return exchange(self.domain, self.simulator, 0)

    def render(self) -> NDArray[np.uint8] | str | None:
        """Return the dashboard as a frame `(720, 1280, 3)`, or the last exchange as text.

        In render mode "human" a window shows every act by itself. One frame is one act, so
        Gymnasium's `RecordVideo` shows an act a second; `frames` yields the motion between them.
        """
        if self._view is not None:
            return self._view.render()
        if self.render_mode is None:
            gymnasium.logger.warn(
                "render() needs a render_mode, such as gym.make(..., render_mode='ansi')"
            )
            return None
        from rlkit.envs.cabin.language.transcript import as_text

        return as_text(self.exchange())

    def frames(self) -> Iterator[NDArray[np.uint8]]:
        """Yield the frames from the last act to now, 30 a second, in render mode "rgb_array"."""
        return iter(()) if self._view is None else self._view.frames()

    def close(self) -> None:
        """Close the window, if there is one."""
        if self._view is not None:
            self._view.close()

    def _open_view(self) -> "View | None":
        """Return what shows the dashboard; drawing is loaded only if it is asked for."""
        if self.render_mode not in {"human", "rgb_array"}:
            return None
        from rlkit.envs.cabin.spectator.spectator import View

        return View(self.render_mode, self.domain, self.simulator)

    def _check(self, action: Any) -> None:
        number = checked_action(action, self.cabin.actions)
        if not self._playing:
            raise ValueError("the dialogue is over or has not begun; call reset() first")
        if self.cabin.options.on_illegal == "error" and not self._outputs.mask[0, number]:
            legal = [
                name
                for name, one in zip(self.action_names, self._outputs.mask[0], strict=True)
                if one
            ]
            raise ValueError(
                f"the act {self.actions[number].name!r} is masked now; legal: {', '.join(legal)}"
            )


class CabinBenchEnv(CabinEnv):
    """A driver looks for a venue; the conditions of the PyDial benchmark, without car and road.

    ## Description
    The driver wants something and says so piece by piece through a noisy microphone. In each turn
    the assistant sees what it believes and chooses a dialogue act; the driver reacts to it. The
    dialogue ends when one of them says good-bye. The simulated driver, error model, belief tracker
    and summary acts are those of the PyDial benchmark (Casanueva et al. 2017).

    Which of equally similar words the microphone mistakes for each other was drawn once: a table of
    confusions. Between tables the return of the same policy differs by .3 to .4 (one standard
    deviation), most of it because *ask for alternatives* can sound like *hello* in some of them and
    not in others. An interval over episodes of one table, the default, is too narrow for a
    statement about the benchmark. Publish over many: with `confusion_tables=1000`, each episode
    draws its own, and the ordinary interval includes them:
    `rlkit evaluate rlkit/CabinBench3-v0 --agent handcrafted --env confusion_tables 1000`. A run is
    evaluated in its own environment, so train with the same `--env`. A table of the shipped
    ontologies takes 34 to 55 kB and 1 to 3 ms.

    ## Action Space
    Three acts for each slot (ask for it, have the best value confirmed, let the driver choose
    between the two best) and seven others: offer a venue that matches, answer what was asked about
    the venue, offer another one, say good-bye, repeat, ask whether there is anything else, start
    over. *Repeat* and *restart* keep their place and are never legal. `info["action_mask"]` tells
    which acts make sense now; a masked act does nothing and costs its turn. An act that PyDial's
    rules, the handcrafted policy, would take at that moment is carried out as they mean it: they
    know no masks, offer the first match, and answer about a venue that was named only if that is
    beyond doubt.

    ## Observation Space
    `observation="belief"` (the default): what the assistant believes, a float32 vector in [0, 1]
    whose numbers `feature_names` names. `"dict"`: the same as `observation`, with `action_mask`.
    `"history"`: the last `history` turns, for networks with memory. `"pixels"`: a drawing of
    84 x 84 pixels of what was heard and believed. The driver's goal and words are in none of them.

    ## Starting State
    A new driver with a temper and a goal that two or three venues meet; the assistant has said
    hello, and what the driver answered has been heard.

    ## Rewards
    -1 for each turn, the last one too, and +20 for success: at the end every question is answered
    and the venue that the driver holds meets the goal as it then stands. `info["reward_terms"]`
    has the parts.

    ## Episode End
    Terminates after a good-bye, or after `max_turns` turns, the last of which the driver still
    hears; then success is judged, too. Never truncates.

    ## Information
    `action_mask` (int8), and after a step `illegal` and `reward_terms`; at the end also `success`,
    `turns`, `seconds`, `risk`, `mood` and `interrupted` (False without a road).

    ## Arguments
    `ontology` ("venues3", "venues6", "venues11", or a YAML file), `observation`, `history`,
    `reward` (weights by name), `user` ("standard", "unfriendly", or a YAML file), `ser` (the
    probability that an act is misheard), `masks`, `on_illegal` ("null" or "error"), `max_turns`,
    `drive` (None), `confusion_seed` (which of equally similar words are mistaken for each other),
    `confusion_tables` (how many such tables there are, those of `confusion_seed` and the seeds
    after it; each episode draws one), `render_mode` ("human", "rgb_array", "ansi").

    ## Version History
    v0: first version.
    """

    @property
    def interval_note(self) -> str:
        """A caption for intervals over episodes: that they know one table of confusions only."""
        rules = self.simulator.tables.rules
        if len(rules) > 1 or rules[0]["error_rate"] == 0.0:
            return ""
        return "intervals within one table of confusions: confusion_tables=1"
