"""The five elements of the problem, as objects that print themselves."""

from rlkit.elements import Element, Elements
from rlkit.envs.cabin.ontology.domain import Domain
from rlkit.envs.cabin.scenario.dialogue_tables import actions_of
from rlkit.envs.cabin.simulator.dialogue import advance
from rlkit.envs.cabin.simulator.simulator import Simulator


def elements_of(domain: Domain, simulator: Simulator) -> Elements:
    """Return state, action, policy, transition and reward of a cabin environment."""
    from rlkit.envs.cabin.policy import HandcraftedPolicy

    actions = [action.name for action in actions_of(domain, simulator.driving)]
    rules = simulator.tables.rules[0]
    weights = ", ".join(
        f"{name} {rules['weights'][column]:+g}" for column, name in _weighted(simulator)
    )
    return Elements(
        state=Element(
            "s",
            f"driver, dialogue and belief: {simulator.record.dtype.itemsize} bytes of named fields "
            f"and {simulator.num_features} features; the agent sees only the belief",
            simulator.state,
        ),
        action=Element("a", f"{len(actions)} dialogue acts: {', '.join(actions)}", actions),
        policy=Element(
            "pi(a|s)", "any agent; the reference is the handcrafted one", HandcraftedPolicy
        ),
        transition=Element(
            "p(s'|s,a)",
            "act, react, hear, believe, look up; the noise is counter-based and no part of s",
            advance,
        ),
        reward=Element("r(s,a,s')", f"sum of named terms: {weights}", rules["weights"]),
    )


def _weighted(simulator: Simulator) -> list[tuple[int, str]]:
    from rlkit.envs.cabin.state.reward import REWARD_TERMS

    return [(column, REWARD_TERMS[column]) for column in simulator.weighted]
