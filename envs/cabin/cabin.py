"""What the environments and the assistant in a car share: a cabin, its actions, and `info`."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from rlkit.envs.cabin.observation import Dialogues, make_observer
from rlkit.envs.cabin.ontology.domain import Domain
from rlkit.envs.cabin.scenario.options import Options, Scenario
from rlkit.envs.cabin.simulator.outputs import Outputs
from rlkit.envs.cabin.state.acts import Action
from rlkit.envs.cabin.state.reward import REWARD_TERMS

if TYPE_CHECKING:
    from rlkit.elements import Elements
    from rlkit.envs.cabin.policy import HandcraftedPolicy

Held = TypeVar("Held", bound=Dialogues)
END_FIELDS = {
    "success": "success",
    "turns": "turn",
    "seconds": "seconds",
    "risk": "risk",
    "mood": "mood",
    "interrupted": "truncated",  # the drive was over first
}
"""Keys of `info` at the end of an episode, and the fields of the record they come from."""


class Cabin(Generic[Held]):
    """An ontology in a scenario, the dialogues that are held in it, and what is seen of them.

    Args:
        options: The keywords of `gym.make`.
        hold: Makes the dialogues of a scenario, with simulated drivers or with a real one.

    Attributes:
        options: As they came.
        scenario: The ontology and its tables.
        domain: The ontology.
        actions: The assistant's actions, in order.
        dialogues: What `hold` made.
        observer: Makes the observations.
        observation_space: Of one dialogue.
        action_space: Of one dialogue.
    """

    def __init__(self, options: Options, hold: Callable[[Scenario], Held]) -> None:
        self.options = options
        self.scenario = options.load()
        self.domain = self.scenario.domain
        self.actions = self.scenario.actions
        self.dialogues = hold(self.scenario)
        self.observer = make_observer(options.observation, self.dialogues, options.history)
        self.observation_space = self.observer.space
        self.action_space = spaces.Discrete(len(self.actions))

    def observe_one(self, outputs: Outputs, action: NDArray[np.int64]) -> Any:
        """Return the observation of the only dialogue after a step, in arrays of its own."""
        batch = self.observer.batch(outputs, action)
        if isinstance(batch, dict):
            return {name: array[0].copy() for name, array in batch.items()}
        return batch[0].copy()


class InCabin:
    """What holds a cabin, and shows what it is like."""

    cabin: Cabin[Any]

    @property
    def options(self) -> Options:
        """The keywords that it was made with."""
        return self.cabin.options

    @property
    def scenario(self) -> Scenario:
        """The ontology and its tables."""
        return self.cabin.scenario

    @property
    def domain(self) -> Domain:
        """The ontology."""
        return self.cabin.domain

    @property
    def actions(self) -> tuple[Action, ...]:
        """The assistant's actions, in order."""
        return self.cabin.actions

    @property
    def action_names(self) -> list[str]:
        """The name of every action."""
        return [action.name for action in self.cabin.actions]

    @property
    def feature_names(self) -> list[str]:
        """The name of every number of the belief vector."""
        return self.cabin.scenario.feature_names

    @property
    def elements(self) -> "Elements":
        """State, action, policy, transition and reward of the problem."""
        from rlkit.envs.cabin.reporting import elements

        return elements(self.cabin.dialogues, self.actions)

    def handcrafted(self) -> "HandcraftedPolicy":
        """Return the reference policy, bound to this environment."""
        from rlkit.envs.cabin.policy import HandcraftedPolicy

        return HandcraftedPolicy(self)


def checked_action(action: Any, actions: Sequence[Action]) -> int:
    """Return the action as an int.

    Raises:
        ValueError: If it is not the number of an act.
    """
    if (isinstance(action, (int, np.integer)) and not isinstance(action, bool)) or (
        isinstance(action, np.ndarray) and action.ndim == 0 and action.dtype.kind in "iu"
    ):
        number = int(action)
    else:
        raise ValueError(
            f"an action is a whole number, got {action!r} of type {type(action).__name__}"
        )
    if not 0 <= number < len(actions):
        raise ValueError(
            f"an action is 0 ... {len(actions) - 1} "
            f"({actions[0].name} ... {actions[-1].name}), got {number}"
        )
    return number


def checked_actions(actions: Any, count: int, num_actions: int) -> NDArray[np.int64]:
    """Return the actions of a vector as int64 of shape `(count,)`.

    Raises:
        ValueError: If the shape, type or a value is wrong; nothing has stepped then.
    """
    given = np.asarray(actions)
    if given.shape != (count,) or given.dtype.kind not in "iu":
        raise ValueError(
            f"actions are integers of shape ({count},), got {given.dtype} of shape {given.shape}"
        )
    if given.min() < 0 or given.max() >= num_actions:
        place = int(np.argmax((given < 0) | (given >= num_actions)))
        raise ValueError(
            f"action {given[place]} of environment {place} is not in 0 ... {num_actions - 1}"
        )
    return given.astype(np.int64)


def term_report(weighted: Sequence[int], terms: NDArray[np.float32]) -> dict[str, float]:
    """Return the terms of a dialogue's last step by name, those with a weight in the scenario."""
    numbers = terms.tolist()
    return {REWARD_TERMS[column]: numbers[column] for column in weighted}


def end_report(record: np.void) -> dict[str, Any]:
    """Return what is told at the end of an episode."""
    return {key: record[field].item() for key, field in END_FIELDS.items()}
