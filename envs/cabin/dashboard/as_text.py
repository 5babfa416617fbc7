"""A scene as text, for terminals and logs."""

import math
import textwrap
from collections.abc import Iterator

from rlkit.envs.cabin.dashboard.scene import Actuators, Belief, CabinScene, Utterance

WIDTH = 100
"""Longest line [characters]."""
LINES = 2
"""So many of the newest lines of the conversation are told."""


def describe(scene: CabinScene) -> str:
    """Return the scene as lines of at most 100 characters, without the driver's hidden goals."""
    told = [_road(scene), _driver(scene)]
    if scene.actuators is not None:
        told.append(_cabin(scene.actuators))
    told += [f"  {_belief(belief)}" for belief in scene.beliefs]
    for line in scene.conversation[-LINES:]:
        told += _spoken(line)
    if scene.act or scene.terms:
        told.append(f"  {_reward(scene)}")
    if scene.outcome is not None:
        told.append(f"  == {scene.outcome} ==")
    return "".join(f"{line}\n" for text in told if text for line in _wrapped(text))


def _wrapped(text: str) -> list[str]:
    indent = " " * (len(text) - len(text.lstrip()) + 2)
    clean = "".join(mark if mark.isprintable() else " " for mark in text)
    return textwrap.wrap(clean, WIDTH, subsequent_indent=indent, drop_whitespace=True)


def _road(scene: CabinScene) -> str:
    road = scene.road
    parts = [f"[{scene.clock:5.1f} s] turn {scene.turn}", road.kind]
    if road.kind != "parked":
        parts.append(road.note or road.manoeuvre)
        parts.append(f"{road.speed * 3.6:.0f} km/h")
        parts.append(f"{road.gap:.0f} m ahead" if math.isfinite(road.gap) else "nobody ahead")
        parts += [f"headway {road.headway:.1f} s"] if math.isfinite(road.headway) else []
        if math.isfinite(road.time_to_collision):
            parts.append(f"collision in {road.time_to_collision:.1f} s")
    if road.rain > 0:
        parts.append(f"rain {road.rain:.1f}")
    return ", ".join(parts)


def _driver(scene: CabinScene) -> str:
    """Return what is known of driver and microphone."""
    driver = scene.driver
    known = [
        ("load", driver.load, "{:.2f}"),
        ("risk", driver.risk, "{:.2f} s"),
        ("now", driver.risk_now, "{:+.2f} s"),
        ("mood", driver.mood, "{:.2f}"),
        ("noise", scene.noise, "{:.0f} dB(A)"),
        ("mishears", scene.error_rate, "{:.0%}"),
    ]
    parts = [f"{name} {form.format(value)}" for name, value, form in known if value is not None]
    if driver.patience[1]:
        parts.append(f"patience {driver.patience[0]}/{driver.patience[1]}")
    return "  " + ", ".join(parts) if parts else ""


def _cabin(actuators: Actuators) -> str:
    open_windows = [f"{zone} {share:.0f}%" for zone, share in actuators.windows.items() if share]
    parts = [f"windows open: {', '.join(open_windows) or 'none'}"] if actuators.windows else []
    parts += [f"sunroof {actuators.sunroof:.0f}%"] if actuators.sunroof is not None else []
    parts += [f"fan {actuators.fan}"] if actuators.fan is not None else []
    parts += [f"{zone} {degrees:.0f} °C" for zone, degrees in actuators.temperatures.items()]
    parts += [f"{zone} seat heating {level}" for zone, level in actuators.seat_heating.items()]
    parts += [f"volume {actuators.volume:.0f}%"] if actuators.volume is not None else []
    for name in ("ambient", "media", "destination", "charging", "call"):
        value = getattr(actuators, name)
        parts += [f"{name} {value}"] if value is not None else []
    return "  " + ", ".join(parts) if parts else ""


def _belief(belief: Belief) -> str:
    if not belief.best:
        return f"{belief.slot}: unknown"
    marks = ", confirmed" * belief.confirmed + ", guarded" * belief.guarded
    second = f"; {belief.second} {belief.second_mass:.2f}" if belief.second else ""
    none = f"; not mentioned {belief.none:.2f}" if belief.none >= 0.005 else ""
    return f"{belief.slot}: {belief.best} {belief.mass:.2f}{marks}{second}{none}"


def _spoken(line: Utterance) -> Iterator[str]:
    """Yield what was said, then what was heard."""
    if line.said is not None:
        yield f'  {line.speaker}: "{line.said}"' if line.said else f"  {line.speaker}: (silent)"
    heard = [f'"{one.words}" {one.confidence:.2f}' for one in line.heard]
    heard += [f"silence {line.silence:.2f}"] if line.silence > 0 else []
    if heard:
        word = "misheard" if line.wrong else "heard"
        yield f"    {word} of the {line.speaker}: {', '.join(heard)}"


def _reward(scene: CabinScene) -> str:
    terms = ", ".join(f"{name} {value:+.2f}" for name, value in scene.terms.items())
    act = f"{scene.act}: " if scene.act else ""
    step = sum(scene.terms.values())
    return f"{act}reward {step:+.2f} ({terms or 'no terms'}); total {scene.total:+.2f}"
