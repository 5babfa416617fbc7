"""What the assistant shows of a moment on the road: its command judged, features and mask."""

import numpy as np
from numpy.typing import NDArray

from rlkit.compiled import shared
from rlkit.envs.cabin.assistant.commands import consider
from rlkit.envs.cabin.assistant.features import write_car_features
from rlkit.envs.cabin.assistant.masks import write_car_mask
from rlkit.envs.cabin.car.road import row_after
from rlkit.envs.cabin.state.record import Seat


@shared
def show(seat: Seat, mask: NDArray[np.int8]) -> None:
    """Judge the command, and write features and mask for the moment as it is."""
    tables, dialogue, car = seat.tables, seat.dialogue, seat.car
    moment = tables.road[row_after(car, 0.0)]
    consider(seat, moment, dialogue.draft)
    write_car_features(seat, moment)
    write_car_mask(seat, mask)
