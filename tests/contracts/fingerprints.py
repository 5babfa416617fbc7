"""What this process computes, as hashes: run in processes of other settings, and compared.

`python tests/contracts/fingerprints.py suite` prints one line of JSON. With `--shake SEED` every
result of BLAS and LAPACK is moved by at most one unit in the last place before anything of this
library is imported.
"""

import argparse
import hashlib
import json
import math
import os
from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from types import SimpleNamespace
from typing import Any

import numpy as np

STEPS, COUNT = 120, 16
LEARNERS = (
    "q-learning",
    "double-q-learning",
    "sarsa",
    "expected-sarsa",
    "n-step-sarsa",
    "sarsa-lambda",
    "monte-carlo",
)


def shake(seed: int) -> None:
    """Move what `numpy` and `scipy` return of BLAS and LAPACK, as other kernels of theirs would."""
    import scipy.linalg
    import scipy.sparse.linalg

    rng = np.random.default_rng(seed)

    def moved(value: Any) -> Any:
        if isinstance(value, np.ndarray) and value.dtype.kind == "f" and value.size:
            way = rng.choice([-np.inf, 0.0, np.inf], size=value.shape)
            still = (way == 0) | (value == 0)
            return np.where(still, value, np.nextafter(value, way)).astype(value.dtype)
        if isinstance(value, np.floating) and value != 0:
            return type(value)(np.nextafter(value, np.inf))
        if isinstance(value, tuple):
            parts = [moved(part) for part in value]
            return type(value)(*parts) if hasattr(value, "_fields") else tuple(parts)
        return value

    def shaken(function: Callable[..., Any]) -> Callable[..., Any]:
        return wraps(function)(lambda *args, **kwargs: moved(function(*args, **kwargs)))

    factorised = scipy.sparse.linalg.splu
    scipy.sparse.linalg.splu = lambda *args, **kwargs: SimpleNamespace(
        solve=shaken(factorised(*args, **kwargs).solve)
    )
    for home, names in (
        (np.linalg, [name for name in np.linalg.__all__ if name != "LinAlgError"]),
        (np, ["dot", "matmul", "einsum", "inner", "vdot", "tensordot", "outer"]),
        (scipy.linalg, ["solve", "lu_solve", "lstsq", "inv", "eig", "eigh", "expm"]),
        (scipy.sparse.linalg, ["spsolve"]),
    ):
        for name in names:
            setattr(home, name, shaken(getattr(home, name)))


def digest(*arrays: Any) -> str:
    """Return a hash of every bit of some arrays."""
    return digest_of(arrays)


def digest_of(arrays: Iterable[Any]) -> str:
    """Return a hash of every bit of arrays, each looked at as it comes."""
    found = hashlib.sha256()
    for array in arrays:
        found.update(np.ascontiguousarray(array).tobytes())
    return found.hexdigest()[:16]


def machine() -> dict[str, Any]:
    """Return what shows that a setting took effect: results that differ, and what was chosen."""
    import numba
    from numba.core.registry import cpu_target
    from threadpoolctl import threadpool_info

    numbers = np.random.default_rng(0).uniform(0.1, 3.0, 20_000).tolist()
    system = np.random.default_rng(0).normal(size=(40, 40))
    features = np._core._multiarray_umath.__cpu_features__  # type: ignore[attr-defined]
    return {
        "exp of the C library": digest([math.exp(x) for x in numbers]),
        "log of the C library": digest([math.log(x) for x in numbers]),
        "pow of the C library": digest([x**0.65 for x in numbers]),
        "tanh of the C library": digest([math.tanh(x) for x in numbers]),
        "LAPACK": digest(np.linalg.solve(system, np.ones(40))),
        "SIMD levels of NumPy": sorted(name for name, on in features.items() if on),
        "processor of numba": cpu_target.target_context.codegen().magic_tuple()[1:],
        "threads of numba": numba.config.NUMBA_NUM_THREADS,
        "threads of BLAS": [
            each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"
        ],
        "processors": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 0,
    }


def laws() -> dict[str, str]:
    """Return hashes of the elementary functions and of the tabulated laws."""
    from rlkit import elementary
    from rlkit.envs.cabin.tabular.config import TabularCabinConfig
    from rlkit.envs.cabin.tabular.tables import load_profile, risk_profile, stationary_road, tables

    numbers = np.random.default_rng(0).uniform(-8.0, 8.0, 2_000).tolist()
    config = TabularCabinConfig()
    table = tables(config)
    return {
        "laws: elementary functions": digest(
            [elementary.exp(x) for x in numbers],
            [elementary.log(abs(x)) for x in numbers],
            [elementary.power(abs(x), 0.65) for x in numbers],
            [elementary.normal_cdf(x) for x in numbers],
        ),
        "laws: exact cabin": digest(
            table.error, table.sure, table.right, table.answer, table.roads, stationary_road(config)
        ),
        "laws: risk and load": digest(risk_profile(config, 2.3), load_profile(config, 2.3)),
    }


def tables_of(env_id: str, **arguments: Any) -> dict[str, str]:
    """Return hashes of everything that planners, simulators and learners read."""
    import gymnasium

    env: Any = gymnasium.make(env_id, **arguments).unwrapped
    model, outcomes, first = env.model, env.tabular.outcomes, env.tabular.first
    name = label(env_id, arguments)
    return {
        f"P of {name}": digest(model.P.data, model.P.indices, model.P.indptr, model.terminates),
        f"R of {name}": digest(model.R, outcomes.rewards),
        f"first states of {name}": digest(model.initial, first.sampler.records),
        f"alias tables of {name}": digest(outcomes.sampler.records, outcomes.sampler.alias),
    }


def played(env_id: str, **arguments: Any) -> Iterator[tuple[Any, ...]]:
    """Yield what some hundred steps of several environments give, from the first observation on.

    Half of the actions are those of the handcrafted policy, where there is one for vectors, which
    leads deep into dialogues; the others are random legal ones.
    """
    import gymnasium

    env: Any = gymnasium.make_vec(env_id, num_envs=COUNT, **arguments).unwrapped
    policy = env.handcrafted() if hasattr(env, "handcrafted") else None
    rng = np.random.default_rng(0)
    observation, info = env.reset(seed=0)
    yield observation, info["action_mask"]
    for _ in range(STEPS):
        chances = rng.random(info["action_mask"].shape) * info["action_mask"]
        actions = chances.argmax(axis=1)
        if policy is not None:
            actions = np.where(rng.random(COUNT) < 0.5, policy.actions(), actions)
        observation, reward, terminated, truncated, info = env.step(actions)
        yield actions, observation, reward, terminated, truncated, info["action_mask"]
    env.close()


def trajectories_of(env_id: str, **arguments: Any) -> dict[str, str]:
    """Return a hash of every bit that is seen of an environment."""
    seen = (array for arrays in played(env_id, **arguments) for array in arrays)
    return {f"trajectories of {label(env_id, arguments)}": digest_of(seen)}


def label(env_id: str, arguments: dict[str, Any]) -> str:
    """Return the name of an environment with its arguments."""
    return " ".join([env_id, *(f"{name}={value}" for name, value in arguments.items())])


def learned(name: str, env_id: str, steps: int, **settings: Any) -> dict[str, str]:
    """Return a hash of the table of a tabular learner."""
    from rlkit.agents import make

    agent: Any = make(name, env_id, seed=0, **settings).learn(steps)
    return {f"{name} in {env_id}": digest(agent.q, agent.visits)}


def values_of(env_id: str) -> dict[str, Any]:
    """Return what a planner certifies, as numbers: a linear solver's last bits may differ."""
    import gymnasium

    from rlkit.agents.planning import PolicyIteration

    env = gymnasium.make(env_id)
    planner = PolicyIteration(env)
    solution = planner.solve()
    values = {"values": solution.values[:: max(len(solution.values) // 50, 1)].tolist()}
    return {f"values of {env_id}": {**values, "bound": float(solution.bound)}}


def suite() -> dict[str, Any]:
    """Return the fingerprints that cost seconds."""
    return {
        **laws(),
        **tables_of("rlkit/CabinTabular-v0"),
        **tables_of("rlkit/FourRooms-v0"),
        **tables_of("rlkit/GridWorld-v0", slip=0.2),
        **trajectories_of("rlkit/CabinTabular-v0"),
        **trajectories_of("rlkit/FourRooms-v0"),
        **learned("q-learning", "rlkit/CabinTabular-v0", 20_000, count_bonus=8.0),
    }


def bench() -> dict[str, Any]:
    """Return trajectories of the benchmark, whose kernel is compiled by other tests too."""
    return trajectories_of("rlkit/CabinBench3-v0")


def solved() -> dict[str, Any]:
    """Return values of planners."""
    return {**values_of("rlkit/CabinTabular-v0"), **values_of("rlkit/FourRooms-v0")}


def everything() -> dict[str, Any]:
    """Return the fingerprints of all environments and tabular learners."""
    from rlkit.registration import TABLE
    from studies.pages.readme import exact_cabin

    found: dict[str, Any] = {**suite(), **solved(), "first table of the README": exact_cabin()}
    for entry in TABLE:
        found |= trajectories_of(entry.id)
        if entry.vector_entry_point.startswith(
            ("rlkit.envs.gridworld", "rlkit.envs.cabin.tabular")
        ):
            found |= tables_of(entry.id)
    for name in LEARNERS:
        for env_id in ("rlkit/CabinTabular-v0", "rlkit/WindyGridWorld-v0"):
            found |= learned(name, env_id, 20_000)
    return found


PARTS = {each.__name__: each for each in (suite, bench, solved, everything)}


def main() -> None:
    """Print what was asked for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("parts", nargs="+", choices=list(PARTS))
    parser.add_argument("--shake", type=int)
    arguments = parser.parse_args()
    if arguments.shake is not None:
        shake(arguments.shake)
    import rlkit  # noqa: F401 - registers the environments

    found: dict[str, Any] = {"machine": machine()}
    for part in arguments.parts:
        found |= PARTS[part]()
    print(json.dumps(found))  # noqa: T201


if __name__ == "__main__":
    main()
