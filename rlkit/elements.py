"""The five elements of a reinforcement-learning problem, made explicit."""

from dataclasses import dataclass, fields


@dataclass(frozen=True)
class Element:
    """One element: its symbol, what it is here, and the object that embodies it."""

    symbol: str
    meaning: str
    value: object

    def __repr__(self) -> str:
        return f"{self.symbol}: {self.meaning}"


@dataclass(frozen=True)
class Elements:
    """State, action, policy, transition probability and reward of one environment.

    Each `value` is live: `elements.transition.value(s, a)` returns the distribution p(. | s, a)
    where the environment has a model.
    """

    state: Element
    action: Element
    policy: Element
    transition: Element
    reward: Element

    def rows(self) -> list[tuple[str, str, str]]:
        """Return (name, symbol, meaning) of the five, in the usual order."""
        named = [(field.name, getattr(self, field.name)) for field in fields(self)]
        return [(name, element.symbol, element.meaning) for name, element in named]

    def describe(self) -> str:
        """Return the five elements as a plain-text table."""
        rows = [("element", "symbol", "here"), *self.rows()]
        widths = [max(len(row[k]) for row in rows) for k in range(2)]
        lines = [
            f"{name:<{widths[0]}}  {symbol:<{widths[1]}}  {meaning}"
            for name, symbol, meaning in rows
        ]
        return "\n".join([lines[0], "-" * max(map(len, lines)), *lines[1:]])
