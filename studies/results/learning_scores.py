"""How well the tabular learners do: on a few problems over time, and on all problems of a class."""

from collections.abc import Callable
from itertools import product
from typing import Any, NamedTuple

import gymnasium
import numpy as np

from rlkit import agents
from rlkit.agents.learning import Progress
from rlkit.agents.planning import PolicyIteration
from rlkit.agents.tabular.learner import CHUNKS
from rlkit.arrays import Floats, Ints
from rlkit.envs.adapter import MDPEnv
from rlkit.model import TabularModel
from rlkit.policy import TabularPolicy

LEARNERS = {
    "monte-carlo": "Monte Carlo",
    "sarsa": "SARSA",
    "expected-sarsa": "expected SARSA",
    "n-step-sarsa": "n-step SARSA",
    "sarsa-lambda": "SARSA(lambda)",
    "q-learning": "Q-learning",
    "double-q-learning": "double Q-learning",
}
"""Names of agents, and what to call them."""
SETTINGS: dict[str, Any] = {
    "epsilon": 0.1,
    "learning_rate": {"kind": "polynomial", "start": 0.5, "power": 0.6, "offset": 5},
}
"""Of all learners on all problems, picked among three by a look at fewer seeds of all of them."""
EVERY = 5
"""Of the looks of a callback; each finds the values of all tables."""


class Problem(NamedTuple):
    """A problem and how long to learn it."""

    name: str
    make: Callable[[], Any]
    steps: int


def noisy_choice() -> MDPEnv:
    """Return Sutton and Barto's Example 6.7 with two-valued rewards.

    Right ends with 0. Left leads to ten actions that pay -1.1 or .9 by a fair coin, so -.1.
    """
    P, R = np.zeros((4, 10, 4)), np.zeros((4, 10, 4))
    P[0, 0, 1] = P[0, 1, 3] = 1.0
    P[1, :, 2:] = 0.5
    R[1, :, 2], R[1, :, 3] = -1.1, 0.9
    legal = np.ones((4, 10), dtype=np.bool_)
    legal[0, 2:] = False
    ends = [False, False, True, True]
    return MDPEnv(TabularModel(P, R, 1.0, initial=[1, 0, 0, 0], terminal=ends, legal=legal))


PROBLEMS = (
    Problem("cliff", lambda: gymnasium.make("rlkit/CliffWalking-v0", discount=0.99), 20_000),
    Problem("wind", lambda: gymnasium.make("rlkit/WindyGridWorld-v0", discount=0.99), 40_000),
    Problem("frozen lake", lambda: gymnasium.make("FrozenLake-v1"), 50_000),
    Problem("four rooms", lambda: gymnasium.make("rlkit/FourRooms-v0"), 20_000),
    Problem("noisy choice", noisy_choice, 1_000),
)


class Scores(NamedTuple):
    """Steps `(n,)`, and the score of the greedy policy of each seed, `(seeds, n)`.

    A score is the exact value on a scale where 0 is the random policy and 1 the optimum.
    """

    steps: Ints
    scores: Floats


def learn(name: str, problem: Problem, seeds: int) -> Scores:
    """Return the scores of a learner."""
    env = problem.make()
    model = TabularModel.from_env(env)
    agent: Any = agents.make(name, env, seeds=seeds, **SETTINGS)
    random = model.evaluate(model.legal / model.legal.sum(axis=1, keepdims=True))
    low = float(model.initial @ random)
    span = float(model.initial @ PolicyIteration(model).solve().values) - low
    points: list[tuple[int, Floats]] = []

    def look(progress: Progress) -> None:
        if progress.step % (EVERY * problem.steps // CHUNKS) == 0:
            points.append((progress.step, (values(model, agent.policies) - low) / span))

    agent.learn(problem.steps, callback=look)
    steps, scores = zip(*points, strict=True)
    return Scores(np.array(steps), np.array(scores).T)


def values(model: TabularModel, policies: list[TabularPolicy]) -> Floats:
    """Return what each deterministic policy is worth over the first state, `(n,)`."""
    tables, places = np.unique([policy.table for policy in policies], axis=0, return_inverse=True)
    return np.array([model.initial @ model.evaluate(table) for table in tables])[places]


DEPTH = 2
"""Steps of an episode in the problems of the theorem: a binary tree of 2 + 4 pairs."""
PAIRS = 2 ** (DEPTH + 1) - 2


def tree(payments: tuple[int, ...]) -> MDPEnv:
    """Return the tree in which the pairs `(s, a)`, row by row, pay so."""
    inner = PAIRS // 2
    P, R = np.zeros((inner + 1, 2, inner + 1)), np.zeros((inner + 1, 2))
    for s in range(inner):
        for a in range(2):
            P[s, a, min(2 * s + 1 + a, inner)] = 1.0
    R[:inner] = np.reshape(payments, (inner, 2))
    places = np.arange(inner + 1)
    return MDPEnv(TabularModel(P, R, 1.0, initial=places == 0, terminal=places == inner))


def all_trees() -> list[MDPEnv]:
    """Return every problem of the class: all ways to pay 0 or 1 for each pair."""
    return [tree(payments) for payments in product((0, 1), repeat=PAIRS)]


def over_all_trees(name: str, episodes: int, seeds: int, trees: list[MDPEnv]) -> Floats:
    """Return the mean return of each episode while learning, over all trees, `(episodes,)`.

    In the first episode no pair is met twice, so it is `DEPTH` / 2 for whatever learner.
    """
    totals = np.zeros((episodes, seeds))
    for env in trees:
        agent: Any = agents.make(name, env, seeds=seeds, **SETTINGS)
        for episode in totals:
            agent.reset_online()
            agent.learn(DEPTH)
            episode += [table.mean for table in agent.online]
    return np.asarray(totals.mean(axis=1) / len(trees))


def best_over_all_trees(trees: list[MDPEnv]) -> float:
    """Return the mean optimum."""
    return float(np.mean([PolicyIteration(env.model).solve().values[0] for env in trees]))
