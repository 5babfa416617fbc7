"""The compiled loop that tabulates a schedule."""

from rlkit.arrays import Floats
from rlkit.compiled import compiled
from rlkit.schedules.values import Parameters, by_visits


@compiled
def tabulate(schedule: Parameters, table: Floats) -> None:
    """Write the value at every number of visits from 1, `(n,)`; what stands at 0 means nothing."""
    table[0] = schedule.start
    for visits in range(1, len(table)):
        table[visits] = by_visits(schedule, visits)
