"""The laws of the exact cabin, tabulated over its few roads, windows and loads."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from rlkit.arrays import Floats, Ints
from rlkit.envs.cabin.car import laws
from rlkit.envs.cabin.tabular.config import LEVELS, ROADS, Act, TabularCabinConfig
from rlkit.rounding import to_grid

LONGEST = 16
"""No act lasts longer than this, correction included [s]."""
DOUBLINGS = 40
"""So often the time is doubled after which the road counts as stationary."""


@dataclass(frozen=True)
class Tables:
    """What the dialogue needs to know of the road, by index.

    Attributes:
        level: Noise level `(class of road, window)`, an index into `LEVELS`.
        noise: Noise of each level [dB(A)], `(3,)`.
        error: Error rate of each level, `(3,)`.
        sure: P(sure) of a value heard at each level, `(3,)`.
        right: P(right) of each status (unknown, 6 heard, confirmed), `(8,)`.
        answer: P(answer), `(road, load)`.
        roads: Road after d seconds, `(d, road, next road)`.
    """

    level: Ints
    noise: Floats
    error: Floats
    sure: Floats
    right: Floats
    answer: Floats
    roads: Floats

    @classmethod
    def build(cls, config: TabularCabinConfig) -> "Tables":
        """Tabulate the laws of `config`."""
        level, noise = _noise_levels(config)
        law = config.laws
        error = np.array(
            [laws.error_rate(n, law.quiet_noise, law.quiet_error, law.error_slope) for n in noise]
        )
        given = np.array([_sure_given(config, k, float(e)) for k, e in enumerate(error)])
        joint_sure = (1 - error) * given[:, 0]
        sure = joint_sure + error * given[:, 1]
        unsure_right = (1 - error) * (1 - given[:, 0]) / (1 - sure)
        right = np.concatenate([[0.0], unsure_right, joint_sure / sure, [1.0]])
        answer = np.array(
            [
                [
                    laws.answer_probability(
                        demand + load * law.load_demand, law.answer_midpoint, law.answer_slope
                    )
                    for load in (0, 1)
                ]
                for demand in config.road.demand
            ]
        )
        step = second_of_road(config)
        roads = [np.eye(len(ROADS))]
        for _ in range(LONGEST):
            roads.append(product(roads[-1], step))
        return cls(level, noise, error, sure, right, answer, np.stack(roads))


def product(first: Floats, second: Floats) -> Floats:
    """Return a matrix product, added up in the same order on every machine, which BLAS does not."""
    total: Floats = first[:, :1] * second[0]
    for k in range(1, len(second)):
        total = total + first[:, k : k + 1] * second[k]
    return total


def second_of_road(config: TabularCabinConfig) -> Floats:
    """Return the transition matrix of the road for one second, `(6, 6)`, in the order `ROADS`."""
    road = config.road
    matrix = np.zeros((6, 6))
    end = 1 / road.manoeuvre_seconds
    for kind in (0, 1):
        keep, following, manoeuvre = range(3 * kind, 3 * kind + 3)
        matrix[keep, following] = road.follow[kind]
        matrix[following, keep] = road.unfollow[kind]
        matrix[[keep, following], manoeuvre] = road.manoeuvre[kind]
        matrix[manoeuvre, keep] = end * (1 - road.change_class)
        matrix[manoeuvre, 3 - 3 * kind] = end * road.change_class
    matrix[np.diag_indices(6)] = 1 - matrix.cumsum(axis=1)[:, -1]
    if (matrix < 0).any():
        raise ValueError(f"the road's rates add up to more than 1 a second: {road}")
    return matrix


def stationary_road(config: TabularCabinConfig) -> Floats:
    """Return the distribution of the road after a long time, `(6,)`, from all phases alike.

    It is the stationary one, unless the road falls into parts.
    """
    # One that stays with probability 1/2 has no period, and the same stationary distribution.
    moves = (second_of_road(config) + np.eye(6)) / 2
    for _ in range(DOUBLINGS):
        moves = product(moves, moves)
        moves /= moves.cumsum(axis=1)[:, -1:]
    return product(np.full((1, 6), 1 / 6), moves).ravel()


@lru_cache(maxsize=256)
def risk_profile(config: TabularCabinConfig, demand: float) -> Floats:
    """Return the expected risk at each second after the start, `(second, road, load)`.

    The road moves on from its start, the load stays as it was.
    """
    law, road = config.laws, config.road
    now = np.array(
        [
            [
                laws.risk_probability(
                    demand, bool(load), law.load_delay, road.margin[r], road.margin_deviation[r]
                )
                for load in (0, 1)
            ]
            for r in range(len(ROADS))
        ]
    )
    return np.stack([product(tables(config).roads[t], now) for t in range(LONGEST)])


@lru_cache(maxsize=256)
def load_profile(config: TabularCabinConfig, demand: float) -> Floats:
    """Return the probability of a high load after d seconds at a demand, `(load before, d)`."""
    return np.array(
        [
            [
                laws.load_after(demand, bool(load), float(d), config.laws.residue_time)
                for d in range(LONGEST + 1)
            ]
            for load in (0, 1)
        ]
    )


@lru_cache(maxsize=64)
def tables(config: TabularCabinConfig) -> Tables:
    """Return the tables of a configuration, built once."""
    return Tables.build(config)


def seconds_at_risk(
    config: TabularCabinConfig, act: Act, road: Ints, load: Ints, *, after: Ints | int = 0
) -> Floats:
    """Return the expected seconds at risk of an act that starts `after` seconds later, `(n,)`.

    They are multiples of 2^-24 s, so that the last bits of a law change no reward.
    """
    profile = risk_profile(config, act.demand)
    cumulative = np.concatenate([np.zeros((1, *profile.shape[1:])), profile.cumsum(axis=0)])
    stop = after + duration(act, load)
    return to_grid(cumulative[stop, road, load] - cumulative[after, road, load])


def duration(act: Act, load: Ints) -> Ints:
    """Return how long an act takes under each load [s], `(n,)`."""
    return act.seconds + act.slower * load


def _noise_levels(config: TabularCabinConfig) -> tuple[Ints, Floats]:
    """Return the level index `(class, window)` and the distinct levels in whole dB(A)."""
    law = config.laws
    noise = np.zeros((2, 2))
    for kind, speed in enumerate(config.speeds):
        tyres = laws.level_at_speed(
            law.road_noise, law.road_noise_slope, speed, law.reference_speed
        )
        wind = laws.level_at_speed(
            law.window_noise, law.window_noise_slope, speed, law.reference_speed
        )
        noise[kind] = round(tyres), round(laws.add_levels(tyres, wind))
    distinct, level = np.unique(noise, return_inverse=True)
    if len(distinct) > len(LEVELS):
        raise ValueError(
            f"the statuses hold {len(LEVELS)} noise levels, but these constants give "
            f"{len(distinct)}: {distinct.tolist()} dB(A). Choose them so that the city with an "
            "open window is as loud as the motorway with a closed one."
        )
    padded = np.concatenate([distinct, np.repeat(distinct[-1:], len(LEVELS) - len(distinct))])
    return level.reshape(2, 2), padded


def _sure_given(config: TabularCabinConfig, level: int, error: float) -> tuple[float, float]:
    """Return P(sure | right) and P(sure | wrong) at a noise level."""
    if config.sure_given is not None:
        return config.sure_given[level]
    law = config.laws
    deviation, threshold = law.confidence_sd, law.sure_threshold
    return (
        laws.sure_probability(
            error, law.right_confidence, law.right_confidence_slope, deviation, threshold
        ),
        laws.sure_probability(
            error, law.wrong_confidence, law.wrong_confidence_slope, deviation, threshold
        ),
    )
