"""Optimizers by name, the chapter's own forms, and gradient clipping. Chapter 7, section 7.2.

```python
optimizer = make("adam", network.parameters(), lr=3e-4)
```
"""

from rlkit.nets.optimizers.clipping import clip_by_norm, clip_by_value
from rlkit.nets.optimizers.factory import by_name, make, optimizer_names
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
