"""The kernels' long lists of arguments are the fields of three tuples, in their order."""

import inspect
from collections.abc import Callable
from typing import Any

import pytest

from rlkit.envs.cabin.live.kernel import assist
from rlkit.envs.cabin.scenario.options import Options
from rlkit.envs.cabin.simulator.dialogue import advance
from rlkit.envs.cabin.simulator.drive import advance_drives
from rlkit.envs.cabin.simulator.outputs import Outputs
from rlkit.envs.cabin.state.record import State, arguments, new_state
from rlkit.envs.cabin.state.tables import Tables

VENUES = tuple(
    name for name, array in Options().load().tables._asdict().items() if array is not None
)
REST = (*State._fields, *Outputs._fields, "actions", "start", "stop")
KERNELS = [
    (advance, (*VENUES, *REST)),
    (advance_drives, (*Tables._fields, *REST)),
    (assist, (*Tables._fields, *State._fields, "mask", "action", "seconds", "load")),
]


@pytest.mark.parametrize(("kernel", "names"), KERNELS)
def test_names_and_order_are_those_of_the_fields(
    kernel: Callable[..., Any], names: tuple[str, ...]
) -> None:
    function = getattr(kernel, "py_func", kernel)

    assert tuple(inspect.signature(function).parameters) == names


@pytest.mark.parametrize("ontology", ["venues3", "cabin"])
def test_a_kernel_is_given_every_array_that_there_is(ontology: str) -> None:
    tables = Options(ontology=ontology).load().tables
    state = new_state(2, 1, 3, driving=tables.driving)

    given = arguments(tables, state)

    assert tables.driving == (ontology == "cabin")
    assert len(given) == (len(Tables._fields) if tables.driving else len(VENUES)) + len(
        State._fields
    )
    assert given[0] is tables.rules
    assert given[-1] is state.car
    assert len(VENUES) < len(Tables._fields)
