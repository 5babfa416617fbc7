"""Dialogues as text: what was said, what was heard, what was believed and done.

A transcript is a file of JSON lines: a `Header`, then one `Exchange` a line. An exchange is the
assistant's act, the driver's answer, what the microphone made of it, and the belief after it.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, ValidationError

SILENCE = "(no answer)"
"""What a driver says who says nothing."""
WAITING = "wait()"
"""The act that is no turn."""
LARGEST_FILE = 100_000_000
"""Bytes of a transcript."""

Line = TypeVar("Line", bound=BaseModel)
Probability = Annotated[float, Field(ge=0.0, le=1.0)]
NotNegative = Annotated[float, Field(ge=0.0, allow_inf_nan=False)]


class Header(BaseModel):
    """The first line: what the transcript is of."""

    model_config = ConfigDict(extra="forbid", strict=True)

    format: Literal["rlkit-transcript-1"] = "rlkit-transcript-1"
    env: str
    """Id of the environment."""
    agent: str
    """Who played the assistant."""
    seed: int


class GoalText(BaseModel):
    """What the driver wants, which the assistant cannot see."""

    model_config = ConfigDict(extra="forbid", strict=True)

    constraints: dict[str, str]
    """Slot to value."""
    requests: list[str]
    """What the driver wants to know."""
    function: str | None = None
    """What the car shall do, where it can do several things."""


class Drive(BaseModel):
    """How the drive stands after an act."""

    model_config = ConfigDict(extra="forbid", strict=True)

    seconds: NotNegative
    """Of the dialogue so far [s]."""
    act_seconds: NotNegative
    """Of the last act and the answer to it [s]."""
    speed: NotNegative
    """Of the car [m/s]."""
    load: Probability
    """Residue of the driver's load."""
    risk: NotNegative
    """Seconds at risk in the last act [s]."""
    noise: NotNegative
    """At the microphone [dB(A)]."""
    error_rate: Probability
    """Of the recogniser in this noise."""


class Exchange(BaseModel):
    """One turn of the assistant and the driver's answer to it; the first has no action."""

    model_config = ConfigDict(extra="forbid", strict=True)

    turn: Annotated[int, Field(ge=0)]
    """Turns so far; 0 opens a dialogue."""
    action: str | None
    """Name of the action that was taken."""
    illegal: bool
    """Whether it was masked."""
    system: str
    """What the assistant said."""
    reward: FiniteFloat
    terms: dict[str, FiniteFloat]
    """The parts of the reward."""
    goal: GoalText
    """As it stands now; it may change."""
    user: str | None = None
    """What the driver said, or `SILENCE`; none after the end."""
    heard: list[tuple[str, Probability]] = []
    """What the microphone made of it, with confidences."""
    silence: Probability = 0.0
    """Confidence that nothing was said."""
    belief: dict[str, tuple[str, Probability]] = {}
    """Each slot's best value with its mass, where there is one."""
    method: str = "none"
    """How the assistant thinks the driver searches."""
    asked: list[str] = []
    """What the assistant thinks the driver wants to know."""
    success: bool | None = None
    """At the end, whether the driver has what was wanted."""
    cut: bool = False
    """At the end, whether it came because the drive was over: nobody's failure."""
    executed: str | None = None
    """The command that the last act carried out, such as `window(position=half)`."""
    kept: GoalText | None = None
    """What the driver put aside for something urgent."""
    drive: Drive | None = None
    """The drive; none in a dialogue without a car."""


def as_text(told: Exchange) -> str:
    """Return one exchange as lines for people."""
    lines = [_act_line(told)]
    if told.drive is not None:
        lines.append(f"         drive   {_drive_text(told.drive)}")
    if told.turn == 0 or told.success is not None or _may_end_an_errand(told):
        lines.append(f"         goal    {_goal_text(told.goal)}")
    if told.kept is not None:
        lines.append(f"         later   {_goal_text(told.kept)}")
    if told.success is not None:
        outcome = "the drive is over" if told.cut else "success" if told.success else "failure"
        return "\n".join([*lines, f"         end     {outcome}"])
    known = ", ".join(f"{slot}={value} {mass:.2f}" for slot, (value, mass) in told.belief.items())
    asked = f"; asked for {', '.join(told.asked)}" if told.asked else ""
    return "\n".join(
        [
            *lines,
            f"         driver  {told.user}",
            *(f"         heard   {confidence:.2f}  {act}" for act, confidence in told.heard),
            f"         belief  {known or 'nothing'}; {told.method}{asked}",
        ]
    )


def _act_line(told: Exchange) -> str:
    terms = ", ".join(f"{name} {value:+g}" for name, value in told.terms.items() if value)
    masked = f"  ({told.action} was masked: it does nothing)" if told.illegal else ""
    reward = f"   [{terms}]" if terms else ""
    return f"turn {told.turn:>2}  car     {told.system}{masked}{reward}"


def _may_end_an_errand(told: Exchange) -> bool:
    """Return whether the driver may want something else after this act."""
    return told.system.partition("(")[0] in {"execute", "refuse", "hand_over"}


def _goal_text(wanted: GoalText) -> str:
    text = ", ".join(f"{slot}={value}" for slot, value in wanted.constraints.items())
    if wanted.function is not None:
        text = f"{wanted.function}({text})"
    asked = f"wants to know {', '.join(wanted.requests)}" if wanted.requests else ""
    return "; ".join(filter(None, (text, asked))) or "nothing more"


def _drive_text(drive: Drive) -> str:
    parts = (
        f"{drive.seconds:.1f} s (+{drive.act_seconds:.1f})",
        f"{3.6 * drive.speed:.0f} km/h",
        f"load {drive.load:.2f}",
        f"risk +{drive.risk:.2f} s",
        f"{drive.noise:.0f} dB(A)",
        f"mishears {drive.error_rate:.0%}",
    )
    return ", ".join(parts)


def write_transcript(path: Path, header: Header, exchanges: Sequence[Exchange]) -> None:
    """Write a transcript; its folder is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [line.model_dump_json() + "\n" for line in (header, *exchanges)]
    path.write_text("".join(lines), encoding="utf-8")


def read_transcript(path: Path) -> tuple[Header, list[Exchange]]:
    """Return the header and the exchanges of a transcript.

    Raises:
        ValueError: If the file is no transcript; the message has the line and the field.
    """
    if path.stat().st_size > LARGEST_FILE:
        raise ValueError(f"{path} has {path.stat().st_size} bytes; the limit is {LARGEST_FILE}")
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is no transcript: {error}") from None
    if not lines:
        raise ValueError(f"{path} is empty; a transcript begins with a header")
    header = _parsed(path, 1, lines[0], Header)
    exchanges = [_parsed(path, number, line, Exchange) for number, line in enumerate(lines[1:], 2)]
    _check_order(path, exchanges)
    return header, exchanges


def _parsed(path: Path, number: int, line: str, kind: type[Line]) -> Line:
    try:
        return kind.model_validate_json(line)
    except ValidationError as error:
        wrong = error.errors()[0]
        field = ".".join(str(part) for part in wrong["loc"])
        what = f"{field}: {wrong['msg']}" if field else wrong["msg"]
        raise ValueError(
            f"{path}, line {number}: not the {kind.__name__.lower()} of a transcript: {what}"
        ) from None


def _check_order(path: Path, exchanges: list[Exchange]) -> None:
    """Refuse files with lines missing or out of order."""
    over, turn = True, 0
    for number, told in enumerate(exchanges, 2):
        expected = 0 if over else turn + (told.system != WAITING)
        if told.turn != expected:
            raise ValueError(
                f"{path}, line {number}: turn {told.turn} follows, expected {expected}; "
                "lines are missing or out of order"
            )
        over, turn = told.success is not None, told.turn
    if not over:
        raise ValueError(f"{path}: the last dialogue has no end; lines are missing")
