"""What the COVESA Vehicle Signal Specification 6.0 says of the signals that we use."""

from typing import NamedTuple


class Entry(NamedTuple):
    """One signal."""

    kind: str
    datatype: str
    unit: str = ""
    low: float | None = None
    high: float | None = None
    allowed: tuple[str, ...] = ()


PERCENT = Entry("actuator", "uint8", "percent", 0, 100)
WARMTH = Entry("actuator", "int8", "percent", -100, 100)
TEMPERATURE = Entry("actuator", "float", "Celsius")
FLAG = Entry("actuator", "boolean")
HVAC, CABIN = "Vehicle.Cabin.HVAC", "Vehicle.Cabin"
AHEAD = "Vehicle.ADAS.ObstacleDetection.Front.Center"
SOURCES = "UNKNOWN SIRIUS_XM AM FM DAB TV CD DVD AUX USB DISK BLUETOOTH INTERNET VOICE BEEP"
SLIDING = "INACTIVE CLOSE OPEN ONE_SHOT_CLOSE ONE_SHOT_OPEN TILT_UP TILT_DOWN"
VSS = {
    **{
        f"{HVAC}.Station.{row}.{side}.Temperature": TEMPERATURE
        for row in ("Row1", "Row2")
        for side in ("Driver", "Passenger")
    },
    f"{HVAC}.Station.Row1.Driver.FanSpeed": PERCENT,
    f"{HVAC}.Station.Row1.Driver.AirDistribution": Entry(
        "actuator", "string", allowed=("UP", "MIDDLE", "DOWN")
    ),
    f"{HVAC}.IsAirConditioningActive": FLAG,
    f"{HVAC}.IsFrontDefrosterActive": FLAG,
    **{
        f"{CABIN}.Door.{row}.{side}.Window.Position": PERCENT
        for row in ("Row1", "Row2")
        for side in ("DriverSide", "PassengerSide")
    },
    f"{CABIN}.Sunroof.Position": Entry("sensor", "int8", "percent", -100, 100),
    f"{CABIN}.Sunroof.Switch": Entry("actuator", "string", allowed=tuple(SLIDING.split())),
    f"{CABIN}.Sunroof.Shade.Position": PERCENT,
    **{
        f"{CABIN}.Seat.{row}.{side}.HeatingCooling": WARMTH
        for row in ("Row1", "Row2")
        for side in ("DriverSide", "PassengerSide")
    },
    f"{CABIN}.Light.InteractiveLightBar.Color": Entry("actuator", "string"),
    f"{CABIN}.Infotainment.Media.Played.Source": Entry(
        "actuator", "string", allowed=tuple(SOURCES.split())
    ),
    f"{CABIN}.Infotainment.Media.Volume": PERCENT,
    f"{CABIN}.IsWindowChildLockEngaged": FLAG,
    "Vehicle.Speed": Entry("sensor", "float", "km/h"),
    "Vehicle.Acceleration.Longitudinal": Entry("sensor", "float", "m/s^2"),
    f"{AHEAD}.Distance": Entry("sensor", "float", "m", 0),
    f"{AHEAD}.TimeGap": Entry("sensor", "uint32", "ms"),
    "Vehicle.Body.Raindetection.Intensity": Entry("sensor", "uint8", "percent", 0, 100),
    "Vehicle.Driver.DistractionLevel": Entry("sensor", "float", "percent", 0, 100),
    "Vehicle.Body.Lights.DirectionIndicator.Left.IsSignaling": FLAG,
    "Vehicle.Body.Lights.DirectionIndicator.Right.IsSignaling": FLAG,
}
"""By path; the colour of the light is "#RRGGBB". What VSS leaves open is None."""
