"""The assistant in a real car: the policy that was trained, without a simulated driver.

It keeps belief, clock, load and masks as the simulator does, by the same compiled rules, from a
recogniser's N-best list and the vehicle's signals.
"""

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rlkit.envs.cabin.cabin import Cabin, InCabin
from rlkit.envs.cabin.language.notation import act_text, parse_heard
from rlkit.envs.cabin.language.speech import sentence
from rlkit.envs.cabin.live.kernel import BEGIN, LISTEN, UNKNOWN
from rlkit.envs.cabin.live.mind import Mind
from rlkit.envs.cabin.live.signals import SignalReader
from rlkit.envs.cabin.ontology.vss import Signals, Value, to_vss
from rlkit.envs.cabin.reporting import beliefs
from rlkit.envs.cabin.scenario.options import Options
from rlkit.envs.cabin.state.acts import EXECUTE, QUIET, Act
from rlkit.envs.cabin.state.record import N_BEST
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
        settings: What the car is to set, by the paths of its actuators, as VSS spells it.
        over: Whether it ends the dialogue; `begin()` opens the next.
        targets: What the car's signals read once it is done. Where a switch moves what a sensor
            measures, the caller must stop it (`INACTIVE`) there.
    """

    action: int
    name: str
    act: str
    words: str
    settings: dict[str, Value] = field(default_factory=dict)
    over: bool = False
    targets: dict[str, Value] = field(default_factory=dict)


class Assistant(InCabin):
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
        self.cabin = Cabin(options, Mind)
        self._mind: Mind = self.cabin.dialogues
        self._mind.state.record["key"] = derive(seed, 0)
        self.observation_space = self.cabin.observation_space
        self._reader = SignalReader(self.domain)
        self._choose = Chooser(self._player(policy), Stream(derive(seed, "policy")))
        self._language = language
        self._warned = False
        self.observation: Any = None
        """What the policy saw last."""
        self.begin()

    def begin(self) -> str:
        """Begin a dialogue with a driver of whom nothing is known; return the words of hello."""
        self._mind.assist(BEGIN)
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
            signals: The signals of the car by their VSS names; see `docs/assistant.md`. One that
                is missing or odd has a fallback, with a warning.
            seconds: Since the last reply, or since hello, which does not count [s].

        Raises:
            ValueError: If a hypothesis, confidence or time is not what it must be, or the dialogue
                is over; then nothing was taken in.
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
        mind.assist(LISTEN, seconds, UNKNOWN if moment.load is None else moment.load)
        self.observation = self.cabin.observe_one(mind.outputs(), before)
        action = int(self._choose(self.observation, {"action_mask": mind.mask.copy()}))
        if not 0 <= action < len(self.actions):
            raise ValueError(f"the policy chose {action}; there are {len(self.actions)} actions")
        mind.assist(action)
        return self._reply(action)

    @property
    def over(self) -> bool:
        """Whether the assistant has said good-bye."""
        return bool(self._mind.record["ended"][0])

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

    def _reply(self, action: int) -> Reply:
        act = self._mind.record["system"][0]
        levels = self._levels(act)
        signals = self.domain.signals
        return Reply(
            action=action,
            name=self.actions[action].name,
            act=act_text(self.domain, act),
            words=sentence(self.domain, "assistant", act, self._language),
            settings=dict(self._setting(k, level) for k, level in levels.items()),
            over=self.over,
            targets={signals[k].path: to_vss(signals[k], level) for k, level in levels.items()},
        )

    def _levels(self, act: Act) -> dict[int, float]:
        """Return what an act sets, by the number of the signal."""
        if act[0] == EXECUTE and self.domain.functions:
            return self._mind.commanded(act)
        return self._mind.quieted(len(self.domain.signals)) if act[0] == QUIET else {}

    def _setting(self, k: int, level: float) -> tuple[str, Value]:
        """Return which actuator brings a signal to a level, and what to write to it."""
        signal = self.domain.signals[k]
        if signal.switch is None:
            return signal.path, to_vss(signal, level)
        reading = float(self._mind.state.car["signals"][0, k])
        return signal.switch.path, signal.switch.word(level, reading)

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

    def _player(self, policy: Any) -> Any:
        if not isinstance(policy, str):
            return policy
        if policy != "handcrafted":
            known = unknown("policy", policy, ["handcrafted"])
            raise ValueError(f"{known} Or give a policy itself.")
        return self.handcrafted()
