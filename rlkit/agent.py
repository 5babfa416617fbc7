"""What an agent is, and what environments may offer it, as types: protocols without any code."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, Self, runtime_checkable

from rlkit.arrays import Array

if TYPE_CHECKING:
    from rlkit.model import TabularModel


@runtime_checkable
class Player(Protocol):
    """Whatever chooses actions: our agents, the handcrafted policy, models of Stable-Baselines3."""

    def predict(
        self,
        observation: Any,
        state: Any = None,
        episode_start: Any = None,
        deterministic: bool = False,
        action_masks: Array | None = None,
    ) -> tuple[Any, Any]:
        """Return the action of one observation, or an array of them for a batch, and the state.

        Args:
            observation: One observation, or a batch of N. For planners and tabular agents the
                number of a state, or an integer array of any shape.
            state: What the previous call returned; None opens an episode. Only networks with
                memory change it; the others return it as it came.
            episode_start: `(N,)`, non-zero where an episode opens; the others go on from `state`.
            deterministic: Whether to take the best action, the first of equally good ones; else
                one is drawn where the agent learns a stochastic policy.
            action_masks: `(N, A)` or `(A,)`, non-zero where an action is legal. Without them a deep
                agent reads `observation["action_mask"]` where there is one, a planner or a tabular
                agent knows what is legal in a state, and else everything is. An algorithm of
                Stable-Baselines3 that knows no masks ignores them.

        Returns:
            The action, an `np.int64` for one observation where actions are Discrete, else an array;
            and the state for the next call.

        Raises:
            ValueError: If a mask has another shape or forbids every action, or if an observation
                does not fit.
        """
        ...


@runtime_checkable
class Agent(Player, Protocol):
    """A policy and a rule that improves it: what every planner and every learner offers.

    Attributes:
        config: Its hyper-parameters, a frozen dataclass.
        env: The environment that it was made for; None for a planner that was given a model.
    """

    config: Any
    env: Any

    @property
    def num_timesteps(self) -> int:
        """Steps so far: of all environments together, of each table; planners take none."""
        ...

    @property
    def discount(self) -> float:
        """The discount of its returns."""
        ...

    @property
    def metrics(self) -> dict[str, float]:
        """How learning goes, numbers by name; empty where there is nothing to tell."""
        ...

    if TYPE_CHECKING:  # planners solve for it when asked, and to ask what a thing is solves nothing

        @property
        def policy(self) -> Any:
            """The best policy known: a `Policy`, but for Stable-Baselines3 only a table of it."""

    def learn(
        self,
        total_timesteps: float,
        *,
        progress_bar: bool = False,
        callback: Callable[[Any], bool | None] | None = None,
    ) -> Self:
        """Learn for so many more steps; a planner solves its problem and takes none.

        Args:
            total_timesteps: Added to the steps so far; a whole number, also as 1e5.
            progress_bar: Whether to show one.
            callback: Called with a `rlkit.agents.learning.Progress` now and then and at the end;
                returning False stops.

        Returns:
            The agent itself.
        """
        ...

    def state_dict(self) -> dict[str, Array]:
        """Return all that is learned, arrays by name, and what the next step depends on.

        To look changes nothing: the agent goes on as if it had not been asked.
        """
        ...

    def load_state_dict(self, state: dict[str, Array]) -> None:
        """Go on where `state_dict` was called; new episodes begin if its own cannot go on."""
        ...

    def end_episodes(self) -> None:
        """Let new episodes begin with the next step; to what is learned they end where they are."""
        ...

    def save(self, path: str | Path) -> Path:
        """Write it to a folder, from which `rlkit.load` makes it again, and return the folder."""
        ...


@runtime_checkable
class HasModel(Protocol):
    """An environment that is known exactly: planners solve it, tabular agents learn it compiled.

    Attributes:
        model: The problem.
        state_index: The present state of the model; -1 before the first episode.
    """

    model: "TabularModel"
    state_index: int

    def observe(self, state: int) -> Any:
        """Return what the environment shows of a state of its model."""
        ...


@runtime_checkable
class Resumable(Protocol):
    """An environment that tells its whole state, so that learning in it can be resumed exactly."""

    def get_state(self) -> dict[str, Any]:
        """Return all that the future depends on, numbers and arrays by name."""
        ...

    def set_state(self, state: dict[str, Any]) -> None:
        """Go on exactly where `get_state` was called."""
        ...
