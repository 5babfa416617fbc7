"""The assistant in a real car: the policy that was trained, without a simulated driver.

It keeps belief, clock, load and masks as the simulator does, by the same compiled rules, from a
recogniser's N-best list and the vehicle's signals.
"""

import math
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rlkit.categorical import Categorical
from rlkit.envs.cabin.acts import EXECUTE, QUIET, Act
from rlkit.envs.cabin.attend import BEGIN, LISTEN, UNKNOWN, attend_in_car
from rlkit.envs.cabin.car_handcrafted import choose_many_in_car
from rlkit.envs.cabin.drive_rows import DRIVE_ROW
from rlkit.envs.cabin.exchange import beliefs
from rlkit.envs.cabin.notation import act_text, parse_heard
from rlkit.envs.cabin.observation import make_observer
from rlkit.envs.cabin.options import Options, Scenario
from rlkit.envs.cabin.reward import REWARD_TERMS
from rlkit.envs.cabin.speech import sentence
from rlkit.envs.cabin.state import N_BEST, as_records, new_state
from rlkit.envs.cabin.step import Outputs
from rlkit.envs.cabin.tables import CarTables
from rlkit.envs.cabin.vehicle import carry_out, reading
from rlkit.envs.cabin.vehicle_signals import SignalReader, Signals
from rlkit.evaluation import Chooser
from rlkit.names import unknown
from rlkit.randomness import Stream, derive

Hypotheses = Sequence[tuple[str | Act, float]]
"""What the recogniser heard, the best first: acts and their probabilities."""
ROUNDING = 1e-6
"""Confidences may sum to so much more than 1."""


@dataclass(frozen=True)
class Reply:
    """What the assistant does next.

    Attributes:
        action: Number of the action.
        name: Its name, such as "request_zone".
        act: In the usual notation, such as `execute(function=window, zone=driver, ...)`.
        words: What it says, "" if it says nothing.
        settings: What the car is to set, by the paths of its signals.
        over: Whether it ends the dialogue; `begin()` opens the next.
    """

    action: int
    name: str
    act: str
    words: str
    settings: dict[str, float] = field(default_factory=dict)
    over: bool = False


class Assistant:
    """Plays a policy in a real car.

    The assistant has said hello; each call of `hear` then brings what was heard since, and
    returns what it does next. The caller says the words, carries out the settings, listens, and
    calls again; where nobody answers within some seconds, or the policy only waited, the list of
    hypotheses is empty.

    The load of the driver is `Vehicle.Driver.DistractionLevel` if the car measures it. Else it is
    estimated by the laws of the simulator; a denial that is heard counts as a correction.

    Args:
        policy: Anything with `predict` (ours, Stable-Baselines3's, sb3-contrib's) or
            `distribution`, trained in a driving scenario of the same ontology and observation;
            or "handcrafted".
        ontology: A shipped ontology or the path of a YAML file.
        observation: What the policy sees: "belief", "history", "pixels" or "dict".
        history: Turns that the "history" observation shows.
        max_turns: Turns that count as 1 in the observation, as when training.
        ser: Error rate of the recogniser, if it is known; None derives it from the noise.
        language: Of `Reply.words`.
        seed: For a policy that draws its actions, and for what to tell when nothing was asked.

    Raises:
        ValueError: If an argument is none of those allowed.
    """

    def __init__(
        self,
        policy: Any,
        ontology: str = "cabin",
        *,
        observation: str = "belief",
        history: int = 8,
        max_turns: int | None = None,
        ser: float | None = None,
        language: str = "en",
        seed: int = 0,
    ) -> None:
        options = Options(
            ontology=ontology,
            observation=observation,
            history=history,
            max_turns=max_turns,
            ser=ser,
            drive="parked",
        )
        scenario = options.load()
        self.domain = scenario.domain
        self.actions = scenario.actions
        self.feature_names = scenario.feature_names
        self._mind = _Mind(scenario)
        self._mind.state.record["key"] = derive(seed, 0)
        self._observer = make_observer(observation, self._mind, history)
        self.observation_space = self._observer.space
        self._reader = SignalReader(self.domain)
        self._choose = Chooser(_player(policy, self._mind), Stream(derive(seed, "policy")))
        self._language = language
        self._warned = False
        self.observation: Any = None
        """What the policy saw last."""
        self.begin()

    def begin(self) -> str:
        """Begin a dialogue with a driver of whom nothing is known; return the words of hello."""
        self._mind.attend(BEGIN)
        self._reader.forget()
        self._choose.begin()
        self.observation = None
        return sentence(self.domain, "assistant", self._mind.record["system"][0], self._language)

    def hear(self, n_best: Hypotheses, signals: Signals, seconds: float) -> Reply:
        """Take in what was heard, and return what to do next.

        Args:
            n_best: At most five acts with their probabilities in (0, 1], the best first; what is
                missing to 1 is the probability that nothing was said. An empty list is silence.
                An act is text such as `inform(function=window, zone=driver)`, or what
                `notation.parse_act` made of it.
            signals: The signals of the car by their VSS names; see `docs/assistant.md`.
            seconds: Since the last reply, or since hello, which does not count [s].

        Raises:
            ValueError: If a hypothesis, confidence, signal or time is not what it must be, or the
                dialogue is over; then nothing was taken in.
        """
        if self.over:
            raise ValueError("the dialogue is over; call begin() for the next")
        acts, confidences = self._hypotheses(n_best)
        if not (math.isfinite(seconds) and seconds >= 0.0):
            raise ValueError(f"seconds since the last reply are at least 0, got {seconds}")
        moment = self._reader.read(signals)
        mind = self._mind
        mind.set_moment(moment.row, moment.settings)
        mind.set_heard(acts, confidences)
        before = np.array([int(mind.record["action"][0])])
        mind.attend(LISTEN, seconds, UNKNOWN if moment.load is None else moment.load)
        self.observation = self._observe(before)
        action = int(self._choose(self.observation, {"action_mask": mind.mask.copy()}))
        if not 0 <= action < len(self.actions):
            raise ValueError(f"the policy chose {action}; there are {len(self.actions)} actions")
        mind.attend(action)
        return self._reply(action)

    @property
    def over(self) -> bool:
        """Whether the assistant has said good-bye."""
        return bool(self._mind.record["ended"][0])

    @property
    def action_names(self) -> list[str]:
        """The name of every action."""
        return [action.name for action in self.actions]

    @property
    def beliefs(self) -> dict[str, tuple[str, float]]:
        """Each slot's most believed value with its probability, where there is one."""
        return beliefs(self.domain, self._mind, 0)

    @property
    def load(self) -> float:
        """The driver's load as measured or estimated, in [0, 1]."""
        return float(self._mind.state.car["load"][0])

    def action_masks(self) -> NDArray[np.bool_]:
        """Return which acts were legal at the last reply, shape `(A,)`."""
        return self._mind.mask.astype(np.bool_)

    def _observe(self, action: NDArray[np.int64]) -> Any:
        batch = self._observer.batch(self._mind.outputs(), action)
        if isinstance(batch, dict):
            return {name: array[0].copy() for name, array in batch.items()}
        return batch[0].copy()

    def _reply(self, action: int) -> Reply:
        act = self._mind.record["system"][0]
        return Reply(
            action=action,
            name=self.actions[action].name,
            act=act_text(self.domain, act),
            words=sentence(self.domain, "assistant", act, self._language),
            settings=self._settings(act),
            over=self.over,
        )

    def _settings(self, act: Act) -> dict[str, float]:
        """Return what the car is to set for an act."""
        paths = [signal.path for signal in self.domain.signals]
        if act[0] == EXECUTE and self.domain.functions:
            return {paths[k]: value for k, value in self._mind.commanded(act).items()}
        if act[0] == QUIET:
            return {paths[k]: value for k, value in self._mind.quieted(len(paths)).items()}
        return {}

    def _hypotheses(self, n_best: Hypotheses) -> tuple[list[Act], list[float]]:
        """Return acts and confidences, checked."""
        acts, confidences = [], []
        for rank, (hypothesis, confidence) in enumerate(n_best):
            try:
                acts.append(parse_heard(self.domain, hypothesis))
            except ValueError as error:
                raise ValueError(f"hypothesis {rank}: {error}") from None
            if not 0.0 < confidence <= 1.0:  # NaN is not either
                raise ValueError(
                    f"hypothesis {rank}: a confidence is a probability in (0, 1], got {confidence}"
                )
            confidences.append(float(confidence))
        if confidences != sorted(confidences, reverse=True):
            raise ValueError(f"the best hypothesis comes first, got the confidences {confidences}")
        if sum(confidences) > 1.0 + ROUNDING:
            raise ValueError(f"the confidences sum to {sum(confidences):g}, which is more than 1")
        if len(acts) > N_BEST and not self._warned:
            self._warned = True
            warnings.warn(
                f"{len(acts)} hypotheses came; the first {N_BEST} count, the rest as silence",
                UserWarning,
                stacklevel=3,
            )
        return acts[:N_BEST], confidences[:N_BEST]


class _Mind:
    """The state of one dialogue with a real driver, and the present moment of its road."""

    def __init__(self, scenario: Scenario) -> None:
        if scenario.cars is None:
            raise ValueError("an assistant in a car needs a driving scenario")
        self.tables = scenario.tables
        rules = self.tables.rules[0]
        self.count = 1
        self.num_features, self.num_actions = int(rules["features"]), int(rules["actions"])
        self._row = np.zeros(1, DRIVE_ROW)
        self.cars = scenario.cars._replace(
            road=_read_only(self._row), drives=_read_only(np.array([0, 1], np.int64))
        )
        self.state = new_state(1, int(rules["words"]), self.num_features, driving=True)
        self.record = self.state.record
        self.mask = np.zeros(self.num_actions, np.int8)

    def share(self, work: Callable[[int, int], None]) -> None:
        """Call `work(0, 1)`."""
        work(0, 1)

    def attend(self, action: int, seconds: float = 0.0, load: float = UNKNOWN) -> None:
        """Say hello, listen, or act; see `attend_in_car`."""
        arrays = (*self.tables, *self.cars, *self.state)
        attend_in_car(*arrays, self.mask, action, float(seconds), float(load))

    def set_moment(self, row: dict[str, float], settings: list[float]) -> None:
        """Note road and car as they are."""
        for name, value in row.items():
            self._row[name] = value
        self.state.car["signals"][0, : len(settings)] = settings

    def set_heard(self, acts: list[Act], confidences: list[float]) -> None:
        """Note what was heard."""
        record = self.record[0]
        silence = 1.0
        for rank, (act, confidence) in enumerate(zip(acts, confidences, strict=True)):
            record["heard"][rank] = act
            record["confidence"][rank] = confidence
            silence -= confidence
        record["heard_count"] = len(acts)
        record["null_confidence"] = max(silence, 0.0)

    def outputs(self) -> Outputs:
        """Return what a step returns to observers."""
        nothing = np.zeros(1, np.bool_)
        return Outputs(
            observation=self.state.belief.copy(),
            mask=self.mask[None].copy(),
            reward=np.zeros(1),
            terminated=nothing,
            truncated=nothing,
            illegal=nothing,
            terms=np.zeros((1, len(REWARD_TERMS)), np.float32),
        )

    def commanded(self, act: Act) -> dict[int, float]:
        """Return what a command sets, by the number of the signal."""
        cars, car = self._opened()
        car["signals"] = np.nan
        carry_out(cars, car[0], int(act[3]), act, self.tables.rules[0]["slot_first_value"])
        return {
            int(k): float(car["signals"][0, k])
            for k in np.flatnonzero(~np.isnan(car["signals"][0]))
        }

    def quieted(self, count: int) -> dict[int, float]:
        """Return what a quiet cabin changes, by the number of the signal."""
        cars, car = self._opened()
        quiet = {k: reading(cars, car[0], k) for k in range(count)}
        return {k: value for k, value in quiet.items() if value != car["signals"][0, k]}

    def _opened(self) -> tuple[CarTables, Any]:
        """Return the car's tables and a copy of its state, with fields as attributes."""
        cars = CarTables(*(as_records(array) for array in self.cars))
        return cars, as_records(self.state.car.copy())


class _Handcrafted:
    """The simulator's handcrafted policy, for one mind."""

    def __init__(self, mind: _Mind) -> None:
        self._mind = mind

    def distribution(
        self, observation: Any = None, state: Any = None, mask: Any = None
    ) -> tuple[Categorical[int], Any]:
        """Return the certain choice of the action."""
        del observation, mask
        mind, actions = self._mind, np.zeros(1, np.int64)
        choose_many_in_car(mind.tables, mind.cars, mind.state, actions, True, True, 0, 1)
        return Categorical((int(actions[0]),), (1.0,)), state


def _player(policy: Any, mind: _Mind) -> Any:
    if not isinstance(policy, str):
        return policy
    if policy != "handcrafted":
        raise ValueError(unknown("policy", policy, ["handcrafted"]) + " Or give a policy itself.")
    return _Handcrafted(mind)


def _read_only(array: NDArray[Any]) -> NDArray[Any]:
    """Return a view that kernels cannot write to, as those of recorded drives."""
    view = array.view()
    view.flags.writeable = False
    return view
