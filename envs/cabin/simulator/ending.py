"""What a step is worth: the events that it led to, each times its weight."""

from rlkit.compiled import shared
from rlkit.envs.cabin.state.reward import REWARD_TERMS
from rlkit.envs.cabin.state.tables import Record


@shared
def score(rules: Record, dialogue: Record) -> None:
    """Pay for the events of the step; nowhere else does a weight count."""
    total = 0.0
    for event in range(len(REWARD_TERMS)):
        paid = rules.weights[event] * dialogue.events[event]
        dialogue.terms[event] = paid + 0.0  # never -0
        total += dialogue.terms[event]
    dialogue.reward = total
