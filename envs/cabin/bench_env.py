"""The benchmark's dialogues about venues, as a single Gymnasium environment."""

from rlkit.envs.cabin.env import CabinEnv


class CabinBenchEnv(CabinEnv):
    """A driver looks for a venue; the conditions of the PyDial benchmark, without car and road.

    ## Description
    The driver wants something and says so piece by piece through a noisy microphone. In each turn
    the assistant sees what it believes and chooses a dialogue act; the driver reacts to it. The
    dialogue ends when one of them says good-bye. The simulated driver, error model, belief tracker
    and summary acts are those of the PyDial benchmark (Casanueva et al. 2017).

    ## Action Space
    Three acts for each slot (ask for it, have the best value confirmed, let the driver choose
    between the two best) and seven others: offer a venue that matches, answer what was asked about
    the venue, offer another one, say good-bye, repeat, ask whether there is anything else, start
    over. *Repeat* and *restart* keep their place and are never legal. `info["action_mask"]` tells
    which acts make sense now; a masked act does nothing and costs its turn. Only one that the
    handcrafted policy would take at that moment is carried out: PyDial's rules know no masks.

    ## Observation Space
    `observation="belief"` (the default): what the assistant believes, a float32 vector in [0, 1]
    whose numbers `feature_names` names. `"dict"`: the same as `observation`, with `action_mask`.
    `"history"`: the last `history` turns, for networks with memory. `"pixels"`: a drawing of
    84 x 84 pixels of what was heard and believed. The driver's goal and words are in none of them.

    ## Starting State
    A new driver with a temper and a goal that two or three venues meet; the assistant has said
    hello, and what the driver answered has been heard.

    ## Rewards
    -1 for each turn, the last one too, and +20 for success: at the end every question is answered
    and the venue that the driver holds meets the goal as it then stands. `info["reward_terms"]`
    has the parts.

    ## Episode End
    Terminates after a good-bye, or after `max_turns` turns, which is no success. Never truncates.

    ## Information
    `action_mask` (int8), and after a step `illegal` and `reward_terms`; at the end also `success`,
    `turns`, `seconds`, `risk` and `mood`.

    ## Arguments
    `ontology` ("venues3", "venues6", "venues11", or a YAML file), `observation`, `history`,
    `reward` (weights by name), `user` ("standard", "unfriendly", or a YAML file), `ser` (the
    probability that an act is misheard), `masks`, `on_illegal` ("null" or "error"), `max_turns`,
    `drive` (None), `confusion_seed` (which of equally similar words are mistaken for each other),
    `render_mode` ("human", "rgb_array", "ansi").

    ## Version History
    v0: first version.
    """
