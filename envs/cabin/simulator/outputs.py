"""What a step takes in the place of an action, and what it returns to the agent."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rlkit.compiled import shared
from rlkit.envs.cabin.state.record import State
from rlkit.envs.cabin.state.reward import REWARD_TERMS
from rlkit.envs.cabin.state.tables import Record

RESET = -1
"""In the place of an action: begin a new dialogue."""
SKIP = -2
"""In the place of an action: leave the environment as it is."""
LOOK = -3
"""In the place of an action: only write the outputs."""
NOTHING = -1
"""In the place of a masked action: the assistant says nothing that makes sense."""


class Outputs(NamedTuple):
    """What a step returns to the agent; N environments."""

    observation: NDArray[np.float32]
    """`(N, F)`."""
    mask: NDArray[np.int8]
    """`(N, A)`."""
    reward: NDArray[np.float64]
    """`(N,)`."""
    terminated: NDArray[np.bool_]
    """`(N,)`."""
    truncated: NDArray[np.bool_]
    """`(N,)`."""
    illegal: NDArray[np.bool_]
    """`(N,)`, whether the action was masked."""
    terms: NDArray[np.float32]
    """`(N, T)`, the parts of the reward."""


@shared
def write_outputs(rules: Record, state: State, outputs: Outputs, i: int) -> None:
    """Write all but the mask, which `show` writes."""
    dialogue = state.record[i]
    for feature in range(rules.features):
        outputs.observation[i, feature] = state.belief[i, feature]
    outputs.reward[i] = dialogue.reward
    outputs.terminated[i] = dialogue.terminated
    outputs.truncated[i] = dialogue.truncated
    outputs.illegal[i] = dialogue.illegal
    for term in range(len(REWARD_TERMS)):
        outputs.terms[i, term] = dialogue.terms[term]
