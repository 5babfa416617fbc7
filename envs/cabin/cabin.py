"""What the environments and the assistant in a car share: one ontology in one scenario."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from rlkit.elements import Element, Elements
from rlkit.envs.cabin.observation import Dialogues, make_observer
from rlkit.envs.cabin.ontology.domain import Domain
from rlkit.envs.cabin.policy import HandcraftedPolicy
from rlkit.envs.cabin.scenario.options import Options, Scenario
from rlkit.envs.cabin.simulator.dialogue import advance
from rlkit.envs.cabin.simulator.drive import advance_drives
from rlkit.envs.cabin.simulator.outputs import Outputs
from rlkit.envs.cabin.state.acts import Action
from rlkit.envs.cabin.state.reward import REWARD_TERMS

Held = TypeVar("Held", bound=Dialogues)


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

    @property
    def elements(self) -> Elements:
        """State, action, policy, transition and reward, as objects that print themselves."""
        dialogues, names = self.dialogues, [action.name for action in self.actions]
        weights = dialogues.tables.rules[0]["weights"]
        terms = [f"{REWARD_TERMS[k]} {weights[k]:+g}" for k in np.flatnonzero(weights)]
        return Elements(
            state=Element(
                "s",
                f"driver, dialogue and belief: {dialogues.state.record.dtype.itemsize} bytes of "
                f"named fields and {dialogues.num_features} features; the agent sees only the "
                "belief",
                dialogues.state,
            ),
            action=Element("a", f"{len(names)} dialogue acts: {', '.join(names)}", names),
            policy=Element(
                "pi(a|s)", "any agent; the reference is the handcrafted one", HandcraftedPolicy
            ),
            transition=Element(
                "p(s'|s,a)",
                "act, react, hear, believe, look up; the noise is counter-based and no part of s",
                advance_drives if dialogues.tables.driving else advance,
            ),
            reward=Element("r(s,a,s')", f"sum of named terms: {', '.join(terms)}", weights),
        )


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
    def elements(self) -> Elements:
        """State, action, policy, transition and reward of the problem."""
        return self.cabin.elements

    def handcrafted(self) -> HandcraftedPolicy:
        """Return the reference policy, bound to this environment."""
        return HandcraftedPolicy(self)
