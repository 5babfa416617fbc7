"""What the assistant shows of a moment on the road: its command judged, features and mask."""

import numpy as np
from numpy.typing import NDArray

from rlkit.compiled import shared
from rlkit.envs.cabin.assistant.commands import consider
from rlkit.envs.cabin.assistant.features import write_car_features
from rlkit.envs.cabin.assistant.masks import write_car_mask
from rlkit.envs.cabin.car.road import row_after
from rlkit.envs.cabin.state.record import State
from rlkit.envs.cabin.state.tables import CarTables, Tables


@shared
def show(tables: Tables, cars: CarTables, state: State, i: int, mask: NDArray[np.int8]) -> None:
    """Judge the command, and write features and mask for the moment as it is."""
    rules, dialogue, features = tables.rules[0], state.record[i], state.belief[i]
    car = state.car[i]
    moment = cars.road[row_after(car, 0.0)]
    consider(rules, dialogue, features, state.rows[i], car, cars, moment, dialogue.draft)
    write_car_features(rules, dialogue, car, cars, moment, features)
    write_car_mask(rules, dialogue, features, car, cars, mask)
