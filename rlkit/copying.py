"""Copies and pickles of objects that hold what no copy can take along.

Views into other arrays, machine code, threads and windows belong to one object in one process. A
copy leaves them out and makes its own, so it goes on as the original would and moves nothing in it.
"""

import copyreg
from typing import Any, ClassVar


class Copyable:
    """An object that `copy` and `pickle` copy without the attributes of `remade`.

    A class names in `remade` those of its own attributes, beside those of its bases, and makes
    them in `_remake`, which its constructor calls too.
    """

    remade: ClassVar[tuple[str, ...]] = ()

    def _remake(self) -> None:
        """Make the attributes of `remade` from the others."""

    def __reduce__(self) -> Any:
        return copyreg.__newobj__, (type(self),), self.__getstate__()  # type: ignore[attr-defined]

    def __getstate__(self) -> dict[str, Any]:
        left_out = {name for kind in type(self).__mro__ for name in vars(kind).get("remade", ())}
        return {name: value for name, value in vars(self).items() if name not in left_out}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._remake()
