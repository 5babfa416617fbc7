"""Q-learning on FrozenLake as others write it: a plain Python loop, and bettermdptools.

It reads a line of JSON a request, `{"learner", "steps"}`, and answers `{"steps", "seconds"}`: how
many steps were taken in how much processor time; null where the learner is missing. This program
runs alone and imports nothing of this library.
"""

import json
import os
import random
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import gymnasium

DISCOUNT, RATE, EPSILON = 0.99, 0.1, 0.1


def plain_loop(steps: int) -> int:
    """Learn in a loop over Gymnasium's own environment, with lists, which are fast when small."""
    env = gymnasium.make("FrozenLake-v1")
    draw = random.Random(0).random  # noqa: S311 - exploration
    q = [[0.0] * 4 for _ in range(16)]
    state, _ = env.reset(seed=0)
    for _ in range(steps):
        row = q[state]
        action = int(draw() * 4) if draw() < EPSILON else row.index(max(row))
        following, reward, terminated, truncated, _ = env.step(action)
        target = reward if terminated else reward + DISCOUNT * max(q[following])
        row[action] += RATE * (target - row[action])
        state = env.reset()[0] if terminated or truncated else following
    return steps


def bettermdptools(steps: int) -> int:
    """Learn with bettermdptools at the same hyper-parameters."""
    from bettermdptools.algorithms.rl import RL

    learner = RL(Limited(gymnasium.make("FrozenLake-v1"), steps))
    with suppress(StopIteration):
        learner.q_learning(
            gamma=DISCOUNT,
            init_alpha=RATE,
            min_alpha=RATE,
            init_epsilon=EPSILON,
            min_epsilon=EPSILON,
            n_episodes=steps,
        )
    return steps


class Limited(gymnasium.Wrapper[Any, Any, Any, Any]):
    """An environment with a given number of steps: bettermdptools counts in episodes."""

    def __init__(self, env: Any, steps: int) -> None:
        super().__init__(env)
        self.left = steps

    def step(self, action: Any) -> Any:
        """Take a step; StopIteration if there is none left."""
        if not self.left:
            raise StopIteration
        self.left -= 1
        return self.env.step(action)


LEARNERS: dict[str, Callable[[int], int]] = {
    "plain loop": plain_loop,
    "bettermdptools": bettermdptools,
}


def answer(learner: str, steps: int) -> dict[str, Any]:
    """Learn for so many steps."""
    start = time.process_time()
    try:
        taken = LEARNERS[learner](steps)
    except ImportError as error:
        print(f"peer {learner}: {error}", file=sys.stderr)
        return {"steps": None, "seconds": None}
    return {"steps": taken, "seconds": time.process_time() - start}


def main() -> None:
    """Answer requests until there are no more; what learners print goes to standard error."""
    os.environ["TQDM_DISABLE"] = "1"
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    for line in sys.stdin:
        print(json.dumps(answer(**json.loads(line))), file=answers, flush=True)


if __name__ == "__main__":
    main()
