"""What every constant does: a measure that rises or falls when the constant is raised."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial

import numpy as np

from rlkit.arrays import Floats
from rlkit.envs.cabin.car import laws
from rlkit.envs.cabin.car.constants import CabinConfig
from rlkit.envs.cabin.car.road import risk_now, road_demand
from rlkit.envs.cabin.car.timing import act_demand, act_seconds, answer_seconds
from rlkit.envs.cabin.roads.loading import LANE_CHANGE, Drives
from rlkit.envs.cabin.state.acts import (
    CONFIRM,
    DO_REQUEST,
    DO_WAIT,
    EXECUTE,
    HAND_OVER,
    INFORM,
    NULL,
    QUIET,
    REQUEST,
    SELECT,
    WAIT,
)
from rlkit.statistics import Estimate, mean_interval
from studies.calibration.constants import raised
from studies.calibration.moments import (
    CITY,
    MOTORWAY,
    PHASES,
    act,
    error,
    moment,
    noise,
    record,
)
from studies.calibration.rides import (
    Choose,
    Rides,
    always,
    handcrafted,
    ride,
    scenario,
    to_a_place,
)

Law = Callable[[CabinConfig], float]
"""A number that the constants set."""
Play = Callable[[CabinConfig], Floats]
"""A number of every dialogue, `(N,)`, the same drivers and random numbers whatever the config."""
COUNT, SEED = 400, 20_000


@dataclass(frozen=True)
class Sign:
    """A constant, by how much it is raised, and which measure then rises (+1) or falls (-1)."""

    constant: str
    by: float
    measure: str
    sign: int


@cache
def effect(sign: Sign) -> Estimate:
    """Return the change of the measure: exact for a law, with its paired interval if played."""
    before, after = CabinConfig(), raised(sign.constant, sign.by)
    if sign.measure in LAWS:
        law = LAWS[sign.measure]
        change = law(after) - law(before)
        return Estimate(change, change, change)
    play = PLAYS[sign.measure]
    return mean_interval(play(after) - play(before))


def _demand(config: CabinConfig, speed: float, **signals: float) -> float:
    return float(road_demand(record(config), moment(speed, **signals)))


def _risk(
    config: CabinConfig,
    speed: float,
    phase: str,
    load: float = 0.0,
    kind: int = REQUEST,
    **signals: float,
) -> float:
    constants, here = record(config), moment(speed, **PHASES[phase], **signals)
    return float(risk_now(constants, here, act_demand(constants, act(kind, 0)), load))


def _answers(config: CabinConfig, load: float = 0.0) -> float:
    """Return P(answer) in a manoeuvre on the motorway."""
    law = config.laws
    demand = _demand(config, MOTORWAY, **PHASES["manoeuvre"]) + law.load_demand * load
    return float(laws.answer_probability(demand, law.answer_midpoint, law.answer_slope))


def _sure(config: CabinConfig, right: bool, error_rate: float) -> float:
    law = config.laws
    mean, slope = law.wrong_confidence, law.wrong_confidence_slope
    if right:
        mean, slope = law.right_confidence, law.right_confidence_slope
    return float(
        laws.sure_probability(error_rate, mean, slope, law.confidence_sd, law.sure_threshold)
    )


def _seconds(config: CabinConfig, kind: int) -> float:
    return float(act_seconds(record(config), act(kind)))


def _answer_seconds(config: CabinConfig, kind: int, load: float = 0.0) -> float:
    return float(answer_seconds(record(config), load, act(kind)))


def _load(config: CabinConfig, kind: int, later: float = 0.0) -> float:
    """Return the load residue some seconds after an act of 5 s."""
    constants = record(config)
    tau = config.laws.residue_time
    load = laws.load_after(act_demand(constants, act(kind, 0)), 0.0, 5.0, tau)
    return float(laws.load_after(1.0, load, later, tau))


LOUD = 0.35
"""Error rate of the motorway with a window open."""
LAWS: dict[str, Law] = {
    "noise on the motorway": partial(noise, speed=MOTORWAY),
    "noise on the motorway, window open": partial(noise, speed=MOTORWAY, window=1.0),
    "noise in the city, highest fan": partial(noise, speed=CITY, fan=1.0),
    "noise in the city, low fan": partial(noise, speed=CITY, fan=0.2),
    "noise in the city, loudest music": partial(noise, speed=CITY, music=1.0),
    "noise in the city, low music": partial(noise, speed=CITY, music=0.2),
    "noise in the city, heavy rain": partial(noise, speed=CITY, rain=1.0),
    "noise in the city, light rain": partial(noise, speed=CITY, rain=0.2),
    "error rate at 65 dB(A)": partial(error, level=65.0),
    "P(sure, right), quiet": partial(_sure, right=True, error_rate=0.10),
    "P(sure, right), loud": partial(_sure, right=True, error_rate=LOUD),
    "P(sure, wrong), quiet": partial(_sure, right=False, error_rate=0.10),
    "P(sure, wrong), loud": partial(_sure, right=False, error_rate=LOUD),
    "P(answer) in a manoeuvre": _answers,
    "P(answer) in a manoeuvre, loaded": partial(_answers, load=1.0),
    "demand of standing": partial(_demand, speed=0.0),
    "demand in the city": partial(_demand, speed=CITY),
    "demand on the motorway": partial(_demand, speed=MOTORWAY),
    "demand 1 s behind a leader": partial(_demand, speed=MOTORWAY, headway=1.0),
    "demand 2 s behind a leader": partial(_demand, speed=MOTORWAY, headway=2.0),
    "demand 5 s before a collision": partial(_demand, speed=MOTORWAY, time_to_collision=5.0),
    "demand of a manoeuvre": partial(_demand, speed=MOTORWAY, manoeuvre=LANE_CHANGE),
    "risk of a question in the city": partial(_risk, speed=CITY, phase="keep"),
    "risk of a question on the motorway": partial(_risk, speed=MOTORWAY, phase="keep"),
    "risk of a question, loaded": partial(_risk, speed=MOTORWAY, phase="keep", load=1.0),
    "risk of a question behind a leader": partial(_risk, speed=MOTORWAY, phase="following"),
    "risk of a question behind a slower leader": partial(
        _risk, speed=MOTORWAY, phase="following", leader_speed=32.0
    ),
    "risk of a question in a manoeuvre": partial(_risk, speed=MOTORWAY, phase="manoeuvre"),
    "risk of telling": partial(_risk, speed=MOTORWAY, phase="following", kind=EXECUTE),
    "risk of a yes/no question": partial(_risk, speed=MOTORWAY, phase="following", kind=CONFIRM),
    "load after a choice": partial(_load, kind=SELECT),
    "load 10 s after a question": partial(_load, kind=REQUEST, later=10.0),
    "seconds of a question": partial(_seconds, kind=REQUEST),
    "seconds of a command": partial(_seconds, kind=EXECUTE),
    "seconds of quieting": partial(_seconds, kind=QUIET),
    "seconds of handing over": partial(_seconds, kind=HAND_OVER),
    "seconds of a wait": partial(_seconds, kind=WAIT),
    "seconds of an answer": partial(_answer_seconds, kind=INFORM),
    "seconds of an answer, loaded": partial(_answer_seconds, kind=INFORM, load=1.0),
    "seconds of silence": partial(_answer_seconds, kind=NULL),
}
"""Risk is by the second."""


@cache
def _in_manoeuvre() -> Drives:
    """Return a motorway on which the driver is in a manoeuvre all the time."""
    row = moment(MOTORWAY, manoeuvre=LANE_CHANGE)
    return Drives(np.repeat(np.array([row]), 1200).view(row.dtype), np.array([0, 1200]))


def _do(kind: int) -> Choose:
    """Return the policy that only ever takes the first act of a kind."""
    return always(next(k for k, one in enumerate(scenario().actions) if one.kind == kind))


@cache
def _parked(config: CabinConfig, ser: float | None = None) -> Rides:
    return ride(scenario(config, ser=ser), COUNT, SEED, handcrafted())


@cache
def _navigating(config: CabinConfig) -> Rides:
    return ride(to_a_place(config), COUNT, SEED, handcrafted())


@cache
def _waiting(config: CabinConfig) -> Rides:
    return ride(scenario(config), COUNT, SEED, _do(DO_WAIT), 5)


@cache
def _pestered(config: CabinConfig) -> Rides:
    made = scenario(config, drives=_in_manoeuvre())
    return ride(made, COUNT, SEED, _do(DO_REQUEST), 6)


MISHEARD = 0.4
"""Error rate at which there is much to correct."""
PLAYS: dict[str, Play] = {
    "errands of a drive": lambda config: _parked(config).errands,
    "justified refusals": lambda config: _parked(config).refusals,
    "turns to a place": lambda config: _navigating(config).turns,
    "slots informed": lambda config: _navigating(config).informed,
    "slots requested": lambda config: _navigating(config).requested,
    "seconds of a misheard dialogue": lambda config: _parked(config, MISHEARD).seconds,
    "mood after mishearings": lambda config: _parked(config, MISHEARD).mood,
    "slots informed in 5 waits": lambda config: _waiting(config).informed,
    "drivers who give up in a manoeuvre": lambda config: _pestered(config).gave_up,
    "mood after 6 questions in a manoeuvre": lambda config: _pestered(config).mood,
}
"""Parked, unless a manoeuvre is named."""

SIGNS = (
    Sign("reference_speed", 5.0, "noise on the motorway", -1),
    Sign("road_noise", 3.0, "noise on the motorway", +1),
    Sign("road_noise_slope", 3.0, "noise on the motorway", +1),
    Sign("window_noise", 3.0, "noise on the motorway, window open", +1),
    Sign("window_noise_slope", 5.0, "noise on the motorway, window open", +1),
    Sign("quiet_noise", 3.0, "error rate at 65 dB(A)", -1),
    Sign("quiet_error", 0.02, "error rate at 65 dB(A)", +1),
    Sign("error_slope", 0.02, "error rate at 65 dB(A)", +1),
    Sign("confidence_sd", 0.05, "P(sure, wrong), quiet", +1),
    Sign("right_confidence", 0.02, "P(sure, right), quiet", +1),
    Sign("right_confidence_slope", 0.1, "P(sure, right), loud", +1),
    Sign("wrong_confidence", 0.02, "P(sure, wrong), quiet", +1),
    Sign("wrong_confidence_slope", 0.1, "P(sure, wrong), loud", +1),
    Sign("sure_threshold", 0.05, "P(sure, right), quiet", -1),
    Sign("answer_slope", 2.0, "P(answer) in a manoeuvre", -1),
    Sign("answer_midpoint", 0.05, "P(answer) in a manoeuvre", +1),
    Sign("load_demand", 0.1, "P(answer) in a manoeuvre, loaded", -1),
    Sign("load_delay", 0.05, "risk of a question, loaded", +1),
    Sign("residue_time", 5.0, "load 10 s after a question", +1),
    Sign("standing_demand", 0.05, "demand of standing", +1),
    Sign("city_demand", 0.05, "demand in the city", +1),
    Sign("motorway_demand", 0.05, "demand on the motorway", +1),
    Sign("city_speed", 3.0, "demand in the city", -1),
    Sign("motorway_speed", 5.0, "demand on the motorway", -1),
    Sign("following_demand", 0.05, "demand 1 s behind a leader", +1),
    Sign("manoeuvre_demand", 0.05, "demand of a manoeuvre", +1),
    Sign("far_headway", 0.5, "demand 2 s behind a leader", +1),
    Sign("near_headway", 0.3, "demand 2 s behind a leader", +1),
    Sign("far_collision", 2.0, "demand 5 s before a collision", +1),
    Sign("near_collision", 1.0, "demand 5 s before a collision", +1),
    Sign("city_margin", 0.1, "risk of a question in the city", -1),
    Sign("motorway_margin", 0.1, "risk of a question on the motorway", -1),
    Sign("braking", 1.0, "risk of a question behind a slower leader", -1),
    Sign("reaction", 0.1, "risk of a question behind a leader", +1),
    Sign("manoeuvre_margin", 0.1, "risk of a question in a manoeuvre", -1),
    Sign("free_deviation", 0.1, "risk of a question on the motorway", +1),
    Sign("tight_deviation", 0.1, "risk of a question behind a leader", -1),
    Sign("fan_noise", 3.0, "noise in the city, highest fan", +1),
    Sign("fan_decay", 4.0, "noise in the city, low fan", -1),
    Sign("media_noise", 3.0, "noise in the city, loudest music", +1),
    Sign("media_decay", 4.0, "noise in the city, low music", -1),
    Sign("rain_noise", 3.0, "noise in the city, heavy rain", +1),
    Sign("rain_decay", 4.0, "noise in the city, light rain", -1),
    Sign("speech_rate", 0.5, "seconds of a question", -1),
    Sign("pause", 0.5, "seconds of an answer", +1),
    Sign("loaded_pause", 0.5, "seconds of an answer, loaded", +1),
    Sign("listening", 0.5, "seconds of silence", +1),
    Sign("correction_seconds", 1.0, "seconds of a misheard dialogue", +1),
    Sign("command_seconds", 1.0, "seconds of a command", +1),
    Sign("quiet_seconds", 1.0, "seconds of quieting", +1),
    Sign("hand_over_seconds", 1.0, "seconds of handing over", +1),
    Sign("wait_seconds", 0.5, "seconds of a wait", +1),
    Sign("telling_demand", 0.2, "risk of telling", +1),
    Sign("yes_no_demand", 0.2, "risk of a yes/no question", +1),
    Sign("answer_demand", 0.2, "risk of a question behind a leader", +1),
    Sign("choice_demand", 0.3, "load after a choice", +1),
    Sign("most_errands", 1.0, "errands of a drive", +1),
    Sign("impossible", 0.2, "justified refusals", +1),
    Sign("one_constraint", 0.3, "slots informed", -1),
    Sign("three_constraints", 0.3, "slots informed", +1),
    Sign("no_question", 0.3, "slots requested", -1),
    Sign("two_questions", 0.3, "slots requested", +1),
    Sign("farewell", 0.5, "turns to a place", +1),
    Sign("urgent_rate", 0.02, "errands of a drive", +1),
    Sign("unasked_rate", 0.5, "slots informed in 5 waits", +1),
    Sign("silent_impatience", 0.4, "drivers who give up in a manoeuvre", +1),
    Sign("busy_demand", 0.2, "mood after 6 questions in a manoeuvre", +1),
    Sign("mood_misheard", 0.1, "mood after mishearings", -1),
    Sign("mood_wrong", 0.3, "mood after mishearings", -1),
    Sign("mood_bad_moment", 0.05, "mood after 6 questions in a manoeuvre", -1),
)
"""One for each constant."""
