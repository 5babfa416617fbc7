"""The rules of gridworlds once more, a cell and a character at a time, to compare with.

It shares nothing with the arrays of `rlkit.envs.gridworld.board`, and is far too slow to be used.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

WAYS = {
    "up": (-1, 0),
    "up-right": (-1, 1),
    "right": (0, 1),
    "down-right": (1, 1),
    "down": (1, 0),
    "down-left": (1, -1),
    "left": (0, -1),
    "up-left": (-1, -1),
    "stay": (0, 0),
}
ARROWS = {"^": "up", ">": "right", "v": "down", "<": "left"}

State = tuple[int, int, str]


@dataclass
class Reference:
    """A gridworld."""

    rows: Sequence[str]
    names: list[str]
    slip: float = 0.0
    noise: float = 0.0
    wind: Sequence[int] = ()
    pay: dict[str, float] = field(default_factory=dict)
    step_reward: float = 0.0

    def starts(self) -> list[State]:
        """Return the first states."""
        marked = self._find("S") or self._find(".")
        return [(i, k, "") for i, k in marked]

    def over(self, state: State) -> bool:
        """Return whether nothing follows."""
        return self.rows[state[0]][state[1]] in "GP"

    def results(self, state: State, action: str) -> dict[tuple[State, float], float]:
        """Return the probabilities of (next state, reward)."""
        chances: dict[str, float] = {}
        circle = [name for name in self.names if name != "stay"]
        if action == "stay":
            chances["stay"] = 1.0
        else:
            for name in circle:
                turn = (circle.index(name) - circle.index(action)) % len(circle)
                chances[name] = self.noise / (len(circle) - 1)
                if turn == 0:
                    chances[name] = 1 - self.slip - self.noise
                elif turn in {1, len(circle) - 1}:
                    chances[name] += self.slip / 2
        results: dict[tuple[State, float], float] = {}
        for name, chance in chances.items():
            if chance > 0:
                result = self._go(state, name)
                results[result] = results.get(result, 0.0) + chance
        return results

    def reachable(self) -> set[State]:
        """Return every state that can be met."""
        seen: set[State] = set()
        waiting = self.starts()
        while waiting:
            state = waiting.pop()
            if state in seen:
                continue
            seen.add(state)
            if not self.over(state):
                for name in self.names:
                    waiting += [after for after, _ in self.results(state, name)]
        return seen

    def solvable(self) -> bool:
        """Return whether every goal can be met, and from every start some goal."""
        met = {(i, k) for i, k, _ in self.reachable()}
        if not set(self._find("G")) <= met:
            return False
        return all(self._finds_goal(start) for start in self.starts())

    def _finds_goal(self, start: State) -> bool:
        seen, waiting = set(), [start]
        while waiting:
            state = waiting.pop()
            if self.rows[state[0]][state[1]] == "G":
                return True
            if state not in seen and not self.over(state):
                seen.add(state)
                for name in self.names:
                    waiting += [after for after, _ in self.results(state, name)]
        return False

    def _find(self, glyph: str) -> list[tuple[int, int]]:
        return [
            (i, k) for i, row in enumerate(self.rows) for k, tile in enumerate(row) if tile == glyph
        ]

    def _free(self, i: int, k: int, keys: str) -> bool:
        if i < 0 or k < 0 or i >= len(self.rows) or k >= len(self.rows[0]):
            return False
        tile = self.rows[i][k]
        return tile != "#" and (tile not in "ABCDEF" or tile.lower() in keys)

    def _go(self, state: State, name: str) -> tuple[State, float]:
        i, k, keys = state
        tile = self.rows[i][k]
        down, right = WAYS[name]
        if tile in ARROWS and ARROWS[tile] != name:
            down, right = 0, 0
        down -= self.wind[k] if len(self.wind) else 0
        if right and self._free(i, k + right, keys):
            k += right
        while down:
            one = 1 if down > 0 else -1
            if not self._free(i + one, k, keys):
                break
            i, down = i + one, down - one
        tile = self.rows[i][k]
        paid = self.step_reward + self.pay.get(tile, 0.0)
        if (i, k) != state[:2]:
            if tile == "X":
                i, k = self._find("S")[0]
            elif tile.isdigit():
                (i, k) = next(other for other in self._find(tile) if other != (i, k))
        tile = self.rows[i][k]
        if tile in "abcdef" and tile not in keys:
            keys = "".join(sorted(keys + tile))
        return (i, k, keys), paid
