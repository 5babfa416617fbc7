"""How a dialogue ends, and what a step is worth: its events, each times its weight."""

from rlkit.compiled import shared
from rlkit.envs.cabin.state.reward import EVENT_BREAK_OFF, REWARD_TERMS
from rlkit.envs.cabin.state.tables import Record


@shared
def end(dialogue: Record, success: bool) -> None:
    """End the dialogue; success is judged once, on the goal as it then stands."""
    dialogue.ended = dialogue.terminated = True
    dialogue.success = success
    if dialogue.gave_up != 0 and not success:
        dialogue.events[EVENT_BREAK_OFF] = 1.0


@shared
def limit(rules: Record, dialogue: Record, over: bool) -> None:
    """End a dialogue of too many turns; cut one whose drive is over."""
    if dialogue.ended:
        return
    if dialogue.turn >= rules.max_turns:
        end(dialogue, False)
    elif over:
        dialogue.ended = dialogue.truncated = True


@shared
def reward(rules: Record, dialogue: Record) -> None:
    """Pay for the events of the step; nowhere else does a weight count."""
    total = 0.0
    for event in range(len(REWARD_TERMS)):
        paid = rules.weights[event] * dialogue.events[event]
        dialogue.terms[event] = paid + 0.0  # never -0
        total += dialogue.terms[event]
    dialogue.reward = total
