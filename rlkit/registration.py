"""The table of environments: ids and entry points, held as strings and resolved by Gymnasium."""

from dataclasses import dataclass, field
from typing import Any

import gymnasium


@dataclass(frozen=True)
class Entry:
    """One registered environment."""

    id: str
    entry_point: str
    vector_entry_point: str
    kwargs: dict[str, Any] = field(default_factory=dict)
    max_episode_steps: int | None = None


# Error rate, masks and driver of the conditions of the PyDial benchmark (Casanueva et al. 2017).
CONDITIONS = (
    (0.0, True, "standard"),
    (0.0, False, "standard"),
    (0.15, True, "standard"),
    (0.15, False, "standard"),
    (0.15, True, "unfriendly"),
    (0.30, True, "standard"),
)

ROADS = {"": "mixed", "City": "city", "Motorway": "motorway", "Parked": "parked"}
"""The road of each driving scenario, by what its name adds to `Cabin`."""

EVERY_STEP_COSTS = {"step_reward": -1.0, "goal_reward": 0.0, "discount": 1.0}
GRIDWORLDS: dict[str, dict[str, Any]] = {
    "GridWorld": {},
    # Sutton and Barto, Reinforcement Learning, 2nd edition: examples 4.1, 6.6, 6.5 and 6.2.
    "SmallGrid": {"map": "small-grid", **EVERY_STEP_COSTS},
    "CliffWalking": {"map": "cliff", **EVERY_STEP_COSTS, "cliff_reward": -99.0},
    "WindyGridWorld": {
        "map": "windy",
        **EVERY_STEP_COSTS,
        "wind": [0, 0, 0, 1, 1, 1, 2, 2, 1, 0],
    },
    "RandomWalk": {"map": "random-walk", "moves": "walk", "pit_reward": 0.0, "discount": 1.0},
    # Sutton, Precup and Singh (1999), with the goal in a hallway.
    "FourRooms": {"map": "four-rooms", "noise": 1 / 3, "discount": 0.9},
}

TABLE = (
    *(
        Entry(
            f"rlkit/Cabin{name}-v0",
            "rlkit.envs.cabin.env:CabinEnv",
            "rlkit.envs.cabin.vector:CabinVectorEnv",
            {"ontology": "cabin", "drive": drive},
        )
        for name, drive in ROADS.items()
    ),
    *(
        Entry(
            f"rlkit/CabinBench{number}-v0",
            "rlkit.envs.cabin.env:CabinBenchEnv",
            "rlkit.envs.cabin.vector:CabinVectorEnv",
            {"ser": error_rate, "masks": masks, "user": user},
        )
        for number, (error_rate, masks, user) in enumerate(CONDITIONS, 1)
    ),
    Entry(
        "rlkit/CabinTabular-v0",
        "rlkit.envs.cabin.tabular.env:TabularCabinEnv",
        "rlkit.envs.cabin.tabular.env:TabularCabinVectorEnv",
    ),
    *(
        Entry(
            f"rlkit/{name}-v0",
            "rlkit.envs.gridworld.env:GridWorldEnv",
            "rlkit.envs.gridworld.env:GridWorldVectorEnv",
            kwargs,
            max_episode_steps=200,
        )
        for name, kwargs in GRIDWORLDS.items()
    ),
)


def register_all() -> None:
    """Register every environment of the table; calling it again changes nothing."""
    for entry in TABLE:
        if entry.id not in gymnasium.registry:
            gymnasium.register(
                id=entry.id,
                entry_point=entry.entry_point,
                vector_entry_point=entry.vector_entry_point,
                kwargs=entry.kwargs,
                max_episode_steps=entry.max_episode_steps,
            )
