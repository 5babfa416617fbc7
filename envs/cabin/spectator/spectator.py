"""Watches one dialogue of a simulator: tells every moment as a scene, and shows it."""

from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from rlkit.copying import Copyable
from rlkit.envs.cabin.car.vehicle import value_in
from rlkit.envs.cabin.dashboard.scene import Actuators, CabinScene, Driver, GoalBar, Road, Utterance
from rlkit.envs.cabin.dashboard.screen import Screen
from rlkit.envs.cabin.ontology.domain import Domain
from rlkit.envs.cabin.scenario.dialogue_tables import actions_of
from rlkit.envs.cabin.simulator.simulator import Simulator
from rlkit.envs.cabin.spectator.actuators import actuators_of, place_field
from rlkit.envs.cabin.spectator.talk import (
    GIVES_UP,
    beliefs_of,
    car_line,
    current_goal,
    driver_line,
    kept_goals,
    waiting,
)
from rlkit.envs.cabin.spectator.trace import Trace
from rlkit.envs.cabin.state.acts import EXECUTE, WAIT
from rlkit.envs.cabin.state.record import as_records
from rlkit.envs.cabin.state.reward import EVENT_UNSAFE, EVENT_WRONG, REWARD_TERMS
from rlkit.envs.cabin.state.tables import Tables

TURN_SECONDS = 4.0
"""Where there is no clock, a turn is shown for so long [s]."""
LINES = 12
"""So many of the newest lines of the conversation are kept."""


class Spectator(Copyable):
    """Tells the moments of a dialogue as scenes; it only reads, and nothing random is used.

    Args:
        domain: The ontology.
        simulator: The dialogues.
        i: The one that is watched.
    """

    remade: ClassVar[tuple[str, ...]] = ("_dialogue", "_features", "_rules", "_car", "_tables")

    def __init__(self, domain: Domain, simulator: Simulator, i: int = 0) -> None:
        self._domain = domain
        self._simulator, self._i = simulator, i
        self._weighted = simulator.weighted
        self._actions = actions_of(domain, simulator.driving)
        self._remake()
        self._trace: Trace | None = None
        self._lines: list[Utterance] = []
        self._closed: list[GoalBar] = []
        self._places: dict[str, str] = {}
        self._waits = 0
        self._total = 0.0

    def _remake(self) -> None:
        # Views whose fields are attributes: the kernels' own rules read them here in plain Python.
        simulator, i = self._simulator, self._i
        self._dialogue: Any = as_records(simulator.record)[i]
        self._features = simulator.state.belief[i]
        self._tables = Tables(*(as_records(array) for array in simulator.tables))
        self._rules: Any = self._tables.rules[0]
        self._car: Any = None
        if simulator.driving:
            self._car = as_records(simulator.state.car)[i]

    def begin(self) -> CabinScene:
        """Return the first moment of a dialogue, or of what is left of one."""
        self._lines, self._closed, self._places = [], [], {}
        self._waits = 0
        self._total = 0.0
        if self._car is not None:
            first, last = int(self._car.first_row), int(self._car.last_row)
            self._trace = Trace(self._tables.road, first, last, self._tables.constants)
        self._listen()
        self._note()
        return self._scene()

    def add(self) -> CabinScene:
        """Return the moment after an act."""
        self._total += float(self._dialogue.reward)
        self._close()
        self._listen()
        self._note()
        return self._scene()

    @property
    def road(self) -> Callable[[float], Road] | None:
        """The road at any time of this drive; None where there is no road."""
        return None if self._trace is None else self._trace.at

    def _listen(self) -> None:
        """Take down what was said."""
        dialogue = self._dialogue
        self._waits = self._waits + 1 if dialogue.system[0] == WAIT else 0
        if self._waits > 1:
            self._lines[-1] = waiting(self._waits)
        else:
            self._lines.append(car_line(self._domain, dialogue.system))
        if dialogue.ended:
            if dialogue.gave_up:
                self._lines.append(Utterance("driver", GIVES_UP))
        elif (line := driver_line(self._domain, dialogue)) is not None:
            self._lines.append(line)
            self._waits = 0
        del self._lines[:-LINES]

    def _close(self) -> None:
        """Take down the errands that ended with the last act."""
        if self._car is None:
            return
        if self._car.closed > self._closings:
            met = self._car.met > self._met
            self._closed.insert(0, GoalBar(self._wanted, float(met), active=False))
        act = self._dialogue.system
        if act[0] == EXECUTE:
            function = max(value_in(act, 0), 0) if self._domain.functions else -1
            field = place_field(self._domain, function) if function >= 0 else None
            venue = value_in(act, len(self._domain.slots))
            if field is not None and venue >= 0:
                self._places[field] = self._domain.venues[venue]

    def _note(self) -> None:
        """Keep what the next act may end."""
        if self._car is not None:
            self._closings, self._met = int(self._car.closed), int(self._car.met)
            self._wanted = current_goal(self._domain, self._dialogue, self._car).words

    def _scene(self) -> CabinScene:
        dialogue, car = self._dialogue, self._car
        action = int(dialogue.action)
        return CabinScene(
            clock=TURN_SECONDS * int(dialogue.turn) if car is None else float(car.clock),
            turn=int(dialogue.turn),
            road=Road() if self._trace is None else self._trace.at(float(car.clock)),
            driver=self._driver(),
            noise=None if car is None else float(car.noise),
            error_rate=float(dialogue.error_rate),
            conversation=tuple(self._lines),
            beliefs=tuple(beliefs_of(self._domain, self._rules, dialogue, self._features, car)),
            actuators=self._actuators(),
            act=self._actions[action].name.replace("_", " ") if action >= 0 else "",
            terms=self._terms() if action >= 0 else {},
            total=self._total,
            outcome=self._outcome() if dialogue.ended else None,
            success=bool(dialogue.success),
        )

    def _driver(self) -> Driver:
        dialogue, car = self._dialogue, self._car
        patience = max(int(dialogue.patience), 0), int(dialogue.patience_start)
        over = car is not None and car.over
        goals = [] if over else [current_goal(self._domain, dialogue, car)]
        goals += [*kept_goals(self._domain, car), *self._closed]
        if car is None:
            return Driver(patience=patience, goals=tuple(goals))
        return Driver(
            load=float(car.load),
            risk=float(dialogue.risk),
            risk_now=float(car.act_risk),
            mood=min(max(float(dialogue.mood), 0.0), 1.0),
            patience=patience,
            goals=tuple(goals),
        )

    def _actuators(self) -> Actuators | None:
        if self._car is None or not self._domain.signals:
            return None
        return actuators_of(self._domain, self._tables, self._car, self._places)

    def _terms(self) -> dict[str, float]:
        """Return the reward terms of the last act that are not 0."""
        terms = self._dialogue.terms
        return {REWARD_TERMS[k]: float(terms[k]) for k in self._weighted if terms[k]}

    def _outcome(self) -> str:
        """Return in words how the dialogue ended."""
        dialogue = self._dialogue
        endings = (
            (dialogue.success, "success"),
            (dialogue.truncated, "the drive is over"),
            (dialogue.events[EVENT_UNSAFE] != 0.0, "unsafe command"),
            (dialogue.gave_up, "the driver gives up"),
            (dialogue.events[EVENT_WRONG] != 0.0, "wrong command"),
            (dialogue.turn >= self._rules.max_turns, "too many turns"),
        )
        return next((words for true, words in endings if true), "not what was wanted")


class View:
    """A spectator and the screen on which the scenes are shown.

    Args:
        render_mode: "human" or "rgb_array".
        domain: The ontology.
        simulator: The dialogues, of which the first is shown; nothing in it is changed.
    """

    def __init__(self, render_mode: str, domain: Domain, simulator: Simulator) -> None:
        self._spectator = Spectator(domain, simulator)
        self._screen = Screen(render_mode)

    def begin(self) -> None:
        """Show the first moment of a dialogue."""
        scene = self._spectator.begin()
        self._screen.begin(scene, self._spectator.road)

    def add(self) -> None:
        """Show the moment after an act."""
        self._screen.add(self._spectator.add())

    def render(self) -> NDArray[np.uint8] | str | None:
        """Return the present moment, `(720, 1280, 3)` uint8; None for a window."""
        return self._screen.render()

    def frames(self) -> Iterator[NDArray[np.uint8]]:
        """Yield the frames from the last decision to now, 30 a second."""
        return self._screen.frames()

    def close(self) -> None:
        """Close the window, if there is one."""
        self._screen.close()
