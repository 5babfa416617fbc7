"""How the driver loses patience and mood."""

import numpy as np

from rlkit.compiled import shared
from rlkit.envs.cabin.state.acts import BYE
from rlkit.envs.cabin.state.reward import EVENT_MOOD
from rlkit.envs.cabin.state.tables import Record

GAVE_UP_CORRECTING, GAVE_UP_WAITING = 1, 2
"""Values of the record's `gave_up`."""


@shared
def give_up(dialogue: Record, reason: int) -> None:
    """Say good-bye before the goal is met."""
    dialogue.agenda_size = 0
    dialogue.gave_up = reason
    dialogue.said[0], dialogue.said[1] = BYE, 0


@shared
def lose_patience(dialogue: Record) -> bool:
    """Lose one unit of patience; return whether none is left, so that the driver gives up."""
    dialogue.patience -= 1
    if dialogue.patience > 0:
        return False
    give_up(dialogue, GAVE_UP_WAITING)
    return True


@shared
def lose_mood(dialogue: Record, loss: float) -> None:
    """Let the driver's mood fall, not below 0."""
    loss = min(loss, dialogue.mood)
    dialogue.mood -= loss
    dialogue.events[EVENT_MOOD] = np.float32(dialogue.events[EVENT_MOOD] + loss)  # as the mood
