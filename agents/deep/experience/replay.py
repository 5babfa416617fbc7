"""Replay memory: what happened, one ring buffer a field and environment, compact and exact.

Each environment has a ring of slots. A slot holds an observation, the actions that are legal there
and the step taken from it; what followed is the observation of the next slot. Where an episode was
truncated, one more slot holds its final observation (no step was taken from it: `real` is false),
so a target bootstraps from what really followed. Where it terminated nothing follows, and the next
slot opens the next episode. So every observation is held once, and a step, n steps and a sequence
for a network with memory are all stretches of slots.

A slot's number counts from the first on; its place in the ring is the number modulo its length.
"""

from typing import NamedTuple

import numpy as np

from rlkit.agents.deep.experience.encoding import Encoding
from rlkit.arrays import Array, Bools, Ints


class Steps(NamedTuple):
    """One step of each of B environments, as it is recorded."""

    observations: Array
    """Stored, `(B, *stored_shape)`, before the step."""
    masks: Array | None
    """`(B, A)`, non-zero where an action was legal."""
    opens: Bools
    """`(B,)`, where the observation opened an episode."""
    actions: Ints
    """`(B,)`."""
    rewards: Array
    """`(B,)`."""
    terminated: Bools
    """`(B,)`."""
    truncated: Bools
    """`(B,)`, without those that terminated."""


class Slots(NamedTuple):
    """Slots of a memory: their environments `(N,)` and numbers `(N,)`."""

    environments: Ints
    numbers: Ints


class Replay:
    """A memory of the last steps of some environments.

    Args:
        capacity: Slots in all; each environment has an equal share.
        environments: Their number B.
        encoding: Of the observations, which are kept as stored: bytes for images.
        num_actions: A, where masks are told; None keeps none.
        unit: Rings are rounded down to a multiple of so many slots.

    Raises:
        ValueError: If a ring would hold fewer than two units.

    Attributes:
        fields: Arrays `(B, length, ...)` by name.
        written: `(B,)`, how many slots each environment has filled so far.
    """

    def __init__(
        self,
        capacity: int,
        environments: int,
        encoding: Encoding,
        num_actions: int | None = None,
        unit: int = 1,
    ) -> None:
        self.unit, self.length = unit, capacity // environments // unit * unit
        if self.length < 2 * unit:
            raise ValueError(
                f"a memory of {capacity} slots is too small for {environments} environments; each "
                f"needs at least {2 * unit}"
            )
        rings = (environments, self.length)
        self.fields: dict[str, Array] = {
            "observations": np.zeros((*rings, *encoding.stored_shape), encoding.stored_type),
            "opens": np.zeros(rings, np.bool_),
            "actions": np.zeros(rings, np.int32),
            "rewards": np.zeros(rings, np.float32),
            "terminated": np.zeros(rings, np.bool_),
            "cut": np.zeros(rings, np.bool_),
            "real": np.zeros(rings, np.bool_),
        }
        if num_actions is not None:
            self.fields["masks"] = np.ones((*rings, num_actions), np.bool_)
        self.written = np.zeros(environments, np.int64)

    def __len__(self) -> int:
        """Return how many slots are filled."""
        return int(np.minimum(self.written, self.length).sum())

    def add(self, steps: Steps, rows: Ints) -> None:
        """Record a step of the environments `rows`."""
        if len(rows) < len(self.written):
            steps = Steps(*(None if column is None else column[rows] for column in steps))  # type: ignore[arg-type]
        at, fields = (rows, self.written[rows] % self.length), self.fields
        fields["observations"][at] = steps.observations
        fields["opens"][at] = steps.opens
        fields["actions"][at] = steps.actions
        fields["rewards"][at] = steps.rewards
        fields["terminated"][at] = steps.terminated
        fields["cut"][at] = steps.terminated | steps.truncated
        fields["real"][at] = True
        if steps.masks is not None:
            fields["masks"][at] = steps.masks != 0
        self.written[rows] += 1

    def truncate(self, rows: Ints, observations: Array, masks: Array | None) -> None:
        """Record that the episodes of the environments `rows` go no further.

        Args:
            rows: `(N,)`; their last slots hold steps.
            observations: Their final observations, stored, `(N, *stored_shape)`.
            masks: `(N, A)`, non-zero where an action would be legal.
        """
        fields = self.fields
        fields["cut"][rows, (self.written[rows] - 1) % self.length] = True
        at = rows, self.written[rows] % self.length
        fields["observations"][at] = observations
        for name in ("opens", "actions", "rewards", "terminated", "cut", "real"):
            fields[name][at] = 0
        if masks is not None:
            fields["masks"][at] = masks != 0
        self.written[rows] += 1

    def retract(self) -> None:
        """Take back each environment's last step, unless it ended an episode.

        Where it was taken from becomes the final observation of an episode that goes no further.
        """
        fields, last = self.fields, (self.written - 1) % self.length
        everywhere = np.arange(len(last))
        ended = ~fields["real"][everywhere, last] | fields["terminated"][everywhere, last]
        rows = np.flatnonzero((self.written > 0) & ~ended)
        for name in ("actions", "rewards", "cut", "real"):
            fields[name][rows, last[rows]] = 0
        later = rows[~fields["opens"][rows, last[rows]]]
        fields["cut"][later, (last[later] - 1) % self.length] = True

    def unfinished(self) -> Ints:
        """Return the environments whose last slot holds a step of an episode that goes on."""
        last = np.arange(len(self.written)), (self.written - 1) % self.length
        going = self.fields["real"][last] & ~self.fields["cut"][last]
        return np.flatnonzero(going & (self.written > 0))

    def stretch(self, slots: Slots, length: int, *names: str) -> list[Array]:
        """Return fields of so many consecutive slots from each on, `(length, N, ...)`."""
        places = (slots.numbers + np.arange(length)[:, None]) % self.length
        return [self.fields[name][slots.environments, places] for name in names]

    def at(self, slots: Slots, *names: str) -> list[Array]:
        """Return fields of slots, `(N, ...)`."""
        place = slots.environments, slots.numbers % self.length
        return [self.fields[name][place] for name in names]

    def masks(self, slots: Slots) -> Bools | None:
        """Return the legal actions in slots, `(N, A)`; None where no masks are kept."""
        return self.at(slots, "masks")[0] if "masks" in self.fields else None

    def state_dict(self) -> dict[str, Array]:
        """Return the filled slots."""
        filled = int(np.minimum(self.written, self.length).max())
        rings = {name: ring[:, :filled].copy() for name, ring in self.fields.items()}
        return {**rings, "written": self.written.copy()}

    def load_state_dict(self, state: dict[str, Array]) -> None:
        """Go on exactly where `state_dict` was called.

        Raises:
            ValueError: If it is of a memory of another form.
        """
        for name, ring in self.fields.items():
            kept = state[name]
            fits = len(kept) == len(ring) and kept.shape[2:] == ring.shape[2:]
            if not fits or kept.shape[1] > ring.shape[1]:
                raise ValueError(
                    f"the checkpoint's memory holds {name} of shape {kept.shape}, this one "
                    f"{ring.shape}: number, spaces or capacity differ"
                )
            ring[:, : kept.shape[1]] = kept
        self.written = state["written"].astype(np.int64)
