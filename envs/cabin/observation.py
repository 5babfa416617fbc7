"""What an agent sees: the belief vector, the last turns, a small picture, or a dictionary."""

from collections.abc import Callable
from typing import Any, Protocol, runtime_checkable

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from rlkit.compiled import compiled, shared
from rlkit.envs.cabin.assistant.matching import belief_index, best_mass
from rlkit.envs.cabin.simulator.outputs import SKIP, Outputs
from rlkit.envs.cabin.state.acts import USER_ACTS
from rlkit.envs.cabin.state.record import DISCOURSE, METHODS, State
from rlkit.envs.cabin.state.tables import Features, Record, Tables

PICTURE = 84
"""Rows and columns of the picture [px]."""
SLOT_ROWS = 36
"""Rows of it that the slots' beliefs share."""


@runtime_checkable
class Dialogues(Protocol):
    """What observers look at: N dialogues side by side, of drivers simulated or real."""

    tables: Tables
    state: State
    count: int
    num_features: int
    num_actions: int

    def on_threads(self, work: Callable[[int, int], None]) -> None:
        """Call `work(start, stop)` for slices of the dialogues."""
        ...


class Observer(Protocol):
    """Turns the outputs of a step into observations."""

    space: spaces.Space[Any]
    """Of one environment."""

    def batch(self, outputs: Outputs, actions: NDArray[np.int64]) -> Any:
        """Return the observations of all environments after a step.

        Args:
            outputs: Of the step.
            actions: That led to it, shape `(N,)`; environments with `SKIP` have not moved.
        """
        ...

    def get_state(self) -> dict[str, NDArray[Any]]:
        """Return what the observation remembers."""
        ...

    def set_state(self, state: dict[str, NDArray[Any]]) -> None:
        """Take over what `get_state` returned."""
        ...


class BeliefObserver:
    """The feature vector, shape `(F,)`, in [0, 1]."""

    def __init__(self, dialogues: Dialogues) -> None:
        self.space: spaces.Space[Any] = spaces.Box(0.0, 1.0, (dialogues.num_features,), np.float32)

    def batch(self, outputs: Outputs, actions: NDArray[np.int64]) -> Any:
        """Return the features, `(N, F)`."""
        del actions
        return outputs.observation

    def get_state(self) -> dict[str, NDArray[Any]]:
        """Return nothing: all is in the simulator's state."""
        return {}

    def set_state(self, state: dict[str, NDArray[Any]]) -> None:
        """Take over nothing."""


class DictObserver(BeliefObserver):
    """The feature vector as `observation` and the mask of legal acts as `action_mask`."""

    def __init__(self, dialogues: Dialogues) -> None:
        super().__init__(dialogues)
        self.space = spaces.Dict(
            {"observation": self.space, "action_mask": spaces.MultiBinary(dialogues.num_actions)}
        )

    def batch(self, outputs: Outputs, actions: NDArray[np.int64]) -> Any:
        """Return features `(N, F)` and masks `(N, A)`."""
        del actions
        return {"observation": outputs.observation, "action_mask": outputs.mask.copy()}


class HistoryObserver:
    """The last k turns, shape `(k, T)`, the latest last, zeros before the dialogue began.

    A turn is the assistant's action (A), the mass of each act type heard (14) and of silence, and
    for every value of every slot and for every request the mass that this turn gave it.
    """

    def __init__(self, dialogues: Dialogues, length: int) -> None:
        self._dialogues = dialogues
        width = dialogues.num_actions + len(USER_ACTS) + 1 + dialogues.num_features
        self.turns = np.zeros((dialogues.count, length, width), np.float32)
        self.space: spaces.Space[Any] = spaces.Box(0.0, 1.0, (length, width), np.float32)

    def batch(self, outputs: Outputs, actions: NDArray[np.int64]) -> Any:
        """Return the last turns, `(N, k, T)`."""
        del outputs
        dialogues = self._dialogues
        dialogues.on_threads(
            lambda start, stop: write_turns(
                dialogues.tables, dialogues.state, actions, self.turns, start, stop
            )
        )
        return self.turns.copy()

    def get_state(self) -> dict[str, NDArray[Any]]:
        """Return the turns so far."""
        return {"turns": self.turns.copy()}

    def set_state(self, state: dict[str, NDArray[Any]]) -> None:
        """Take over the turns so far."""
        self.turns[...] = state["turns"]


class PixelObserver(BeliefObserver):
    """A picture of what was heard, believed and done, shape `(84, 84, 3)`, bytes.

    From top to bottom: a bar for each hypothesis's confidence and a tile for its act type (red), a
    bar for each slot's best (green) and second value (blue), then method, discourse act and open
    requests as tiles, the turn count, and the last action (green) over clock, cabin and road
    (blue).
    """

    def __init__(self, dialogues: Dialogues) -> None:
        super().__init__(dialogues)
        self._dialogues = dialogues
        self.space = spaces.Box(0, 255, (PICTURE, PICTURE, 3), np.uint8)

    def batch(self, outputs: Outputs, actions: NDArray[np.int64]) -> Any:
        """Return the pictures, `(N, 84, 84, 3)`."""
        del outputs, actions
        dialogues = self._dialogues
        pictures = np.zeros((dialogues.count, PICTURE, PICTURE, 3), np.uint8)
        dialogues.on_threads(
            lambda start, stop: paint(dialogues.tables, dialogues.state, pictures, start, stop)
        )
        return pictures


def make_observer(kind: str, dialogues: Dialogues, history: int) -> Observer:
    """Return the observer that the `observation` keyword names."""
    if kind == "history":
        return HistoryObserver(dialogues, history)
    makers = {"belief": BeliefObserver, "dict": DictObserver, "pixels": PixelObserver}
    return makers[kind](dialogues)


@shared
def write_turn(rules: Record, dialogue: Record, turn: Features) -> None:
    """Write what this turn brought."""
    turn[:] = 0.0
    if dialogue.action >= 0:
        turn[dialogue.action] = 1.0
    start = rules.actions
    turn[start + len(USER_ACTS)] = dialogue.null_confidence
    values = start + len(USER_ACTS) + 1
    for rank in range(dialogue.heard_count):
        turn[start + dialogue.heard[rank, 0]] += dialogue.confidence[rank]
        for item in range(dialogue.told_count[rank]):
            slot = dialogue.told_slots[rank, item]
            if slot >= 0:
                value = dialogue.told_values[rank, item]
                turn[values + belief_index(rules, slot, value)] += dialogue.confidence[rank]


@compiled
def write_turns(
    tables: Tables,
    state: State,
    actions: NDArray[np.int64],
    turns: NDArray[np.float32],
    start: int,
    stop: int,
) -> None:
    """Move the turns of the environments `start` ... `stop - 1` on, and write the latest."""
    rules = tables.rules[0]
    for i in range(start, stop):
        if actions[i] == SKIP:
            continue
        if state.record[i].turn == 0:
            turns[i] = 0.0
        for earlier in range(turns.shape[1] - 1):
            turns[i, earlier] = turns[i, earlier + 1]
        write_turn(rules, state.record[i], turns[i, turns.shape[1] - 1])
        for feature in range(rules.method, rules.features):
            place = rules.actions + len(USER_ACTS) + 1 + feature
            turns[i, turns.shape[1] - 1, place] = state.belief[i, feature]


@shared
def bar(picture: NDArray[np.uint8], top: int, height: int, channel: int, level: float) -> None:
    """Draw a bar of the given level in [0, 1] from the left."""
    width = int(level * (PICTURE - 4) + 0.5)
    for y in range(top, min(top + height, PICTURE)):
        for x in range(2, 2 + width):
            picture[y, x, channel] = 255


@shared
def tile(picture: NDArray[np.uint8], top: int, place: int, channel: int, level: float) -> None:
    """Draw a tile of 3 x 3 pixels whose brightness is the level in [0, 1]."""
    left = 2 + 4 * (place % 20)
    above = top + 4 * (place // 20)
    for y in range(above, min(above + 3, PICTURE)):
        for x in range(left, left + 3):
            picture[y, x, channel] = int(255 * min(max(level, 0.0), 1.0))


@shared
def paint_one(
    rules: Record, dialogue: Record, features: Features, picture: NDArray[np.uint8]
) -> None:
    """Draw one environment."""
    for rank in range(dialogue.heard_count):
        bar(picture, 2 + 3 * rank, 2, 0, dialogue.confidence[rank])
        tile(picture, 18, dialogue.heard[rank, 0], 0, dialogue.confidence[rank])
    pitch = max(min(SLOT_ROWS // (rules.slots + 1), 3), 1)
    for slot in range(min(rules.slots + 1, SLOT_ROWS)):
        top = 23 + pitch * slot
        bar(picture, top, max(pitch - 1, 1), 1, best_mass(rules, dialogue, features, slot, 0))
        bar(picture, top + pitch // 2, 1, 2, best_mass(rules, dialogue, features, slot, 1))
    for method in range(len(METHODS)):
        tile(picture, 60, method, 1, features[rules.method + method])
    for act in range(len(DISCOURSE)):
        tile(picture, 60, 8 + act, 2, features[rules.discourse + act])
    for slot in range(min(rules.requestables, 20)):
        tile(picture, 65, slot, 0, features[rules.requested + slot])
    bar(picture, 70, 2, 2, dialogue.turn / rules.max_turns)
    if dialogue.action >= 0:
        tile(picture, 73, dialogue.action % 60, 1, 1.0 if dialogue.action < 60 else 0.5)
    for place in range(min(rules.features - rules.car, 60)):
        tile(picture, 73, place, 2, features[rules.car + place])


@compiled
def paint(tables: Tables, state: State, pictures: NDArray[np.uint8], start: int, stop: int) -> None:
    """Draw the environments `start` ... `stop - 1` on black pictures."""
    for i in range(start, stop):
        paint_one(tables.rules[0], state.record[i], state.belief[i], pictures[i])
