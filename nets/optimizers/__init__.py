"""Optimizers by name, the chapter's own forms, and gradient clipping. Chapter 7, section 7.2.

```python
optimizer = make("adam", network.parameters(), lr=3e-4)
```
"""

from typing import TYPE_CHECKING

from rlkit.lazy import homes_of, offering
from rlkit.nets.optimizers.factory import by_name, make, optimizer_names

if TYPE_CHECKING:
    from rlkit.nets.optimizers.clipping import clip_by_norm, clip_by_value
    from rlkit.nets.optimizers.moments import Average, Latest, Moment, Sum
    from rlkit.nets.optimizers.textbook import (
        GeneralOptimizer,
        TextbookAdaDelta,
        TextbookAdagrad,
        TextbookAdam,
        TextbookMomentum,
        TextbookNesterov,
        TextbookRMSprop,
    )

__all__ = [
    "Average",
    "GeneralOptimizer",
    "Latest",
    "Moment",
    "Sum",
    "TextbookAdaDelta",
    "TextbookAdagrad",
    "TextbookAdam",
    "TextbookMomentum",
    "TextbookNesterov",
    "TextbookRMSprop",
    "by_name",
    "clip_by_norm",
    "clip_by_value",
    "make",
    "optimizer_names",
]

_OFFERED = {
    "rlkit.nets.optimizers.clipping": "clip_by_norm clip_by_value",
    "rlkit.nets.optimizers.moments": "Average Latest Moment Sum",
    "rlkit.nets.optimizers.textbook": (
        "GeneralOptimizer TextbookAdaDelta TextbookAdagrad TextbookAdam TextbookMomentum "
        "TextbookNesterov TextbookRMSprop"
    ),
}

if not TYPE_CHECKING:  # which would take any name for one of ours
    __getattr__ = offering(__name__, homes_of(_OFFERED))


def __dir__() -> list[str]:
    return sorted(__all__)
