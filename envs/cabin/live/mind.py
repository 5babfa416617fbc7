"""What the assistant in a real car has in mind: the state of one dialogue, without its driver."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rlkit.envs.cabin.car.vehicle import carry_out, reading
from rlkit.envs.cabin.live.kernel import UNKNOWN, assist
from rlkit.envs.cabin.roads.rows import DRIVE_ROW
from rlkit.envs.cabin.scenario.options import Scenario
from rlkit.envs.cabin.simulator.outputs import Outputs
from rlkit.envs.cabin.state.acts import Act
from rlkit.envs.cabin.state.record import arguments, as_records, new_state
from rlkit.envs.cabin.state.reward import REWARD_TERMS
from rlkit.envs.cabin.state.tables import Tables


class Mind:
    """The state of one dialogue with a real driver, and the present moment of its road."""

    def __init__(self, scenario: Scenario) -> None:
        if not scenario.tables.driving:
            raise ValueError("an assistant in a car needs a driving scenario")
        rules = scenario.tables.rules[0]
        self.count = 1
        self.num_features, self.num_actions = int(rules["features"]), int(rules["actions"])
        self._row = np.zeros(1, DRIVE_ROW)
        self.tables = scenario.tables._replace(
            road=_read_only(self._row), drives=_read_only(np.array([0, 1], np.int64))
        )
        self.state = new_state(1, int(rules["words"]), self.num_features, driving=True)
        self.record = self.state.record
        self.mask = np.zeros(self.num_actions, np.int8)

    def on_threads(self, work: Callable[[int, int], None]) -> None:
        """Call `work(0, 1)`."""
        work(0, 1)

    def assist(self, action: int, seconds: float = 0.0, load: float = UNKNOWN) -> None:
        """Say hello, listen, or act; see `live.kernel.assist`."""
        kernel: Callable[..., None] = assist
        arrays = arguments(self.tables, self.state)
        kernel(*arrays, self.mask, action, float(seconds), float(load))

    def set_moment(self, row: dict[str, float], settings: list[float]) -> None:
        """Note road and car as they are."""
        for name, value in row.items():
            self._row[name] = value
        self.state.car["signals"][0, : len(settings)] = settings

    def set_heard(self, acts: list[Act], confidences: list[float]) -> None:
        """Note what was heard."""
        record = self.record[0]
        silence = 1.0
        for rank, (act, confidence) in enumerate(zip(acts, confidences, strict=True)):
            record["heard"][rank] = act
            record["confidence"][rank] = confidence
            silence -= confidence
        record["heard_count"] = len(acts)
        record["null_confidence"] = max(silence, 0.0)

    def outputs(self) -> Outputs:
        """Return what a step returns to observers."""
        nothing = np.zeros(1, np.bool_)
        return Outputs(
            observation=self.state.belief.copy(),
            mask=self.mask[None].copy(),
            reward=np.zeros(1),
            terminated=nothing,
            truncated=nothing,
            illegal=nothing,
            terms=np.zeros((1, len(REWARD_TERMS)), np.float32),
        )

    def commanded(self, act: Act) -> dict[int, float]:
        """Return what a command sets, by the number of the signal."""
        tables, car = self._opened()
        car["signals"] = np.nan
        carry_out(tables, car[0], int(act[3]), act, self.tables.rules[0]["slot_first_value"])
        return {
            int(k): float(car["signals"][0, k])
            for k in np.flatnonzero(~np.isnan(car["signals"][0]))
        }

    def quieted(self, count: int) -> dict[int, float]:
        """Return what a quiet cabin changes, by the number of the signal."""
        tables, car = self._opened()
        quiet = {k: reading(tables, car[0], k) for k in range(count)}
        return {k: value for k, value in quiet.items() if value != car["signals"][0, k]}

    def _opened(self) -> tuple[Tables, Any]:
        """Return the tables and a copy of its state, with fields as attributes."""
        tables = Tables(*(as_records(array) for array in self.tables))
        return tables, as_records(self.state.car.copy())


def _read_only(array: NDArray[Any]) -> NDArray[Any]:
    """Return a view that kernels cannot write to, as those of recorded drives."""
    view = array.view()
    view.flags.writeable = False
    return view
