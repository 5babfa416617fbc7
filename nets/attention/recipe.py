"""The learning rate the Transformer was trained with. Section 15.6.3; Vaswani 2017."""


def noam_rate(step: int, model_size: int, warmup: int = 4000) -> float:
    """Return d^-0.5 min(t^-0.5, t T'^-1.5): a linear rise to step T', then t^-0.5.

    Args:
        step: t, from 1.
        model_size: d.
        warmup: T', where the rate is largest, (d T')^-0.5.

    Raises:
        ValueError: If an argument is below 1.
    """
    if min(step, model_size, warmup) < 1:
        raise ValueError(
            f"step, model_size and warmup are at least 1; got {step}, {model_size}, {warmup}"
        )
    rate: float = model_size**-0.5 * min(step**-0.5, step * warmup**-1.5)
    return rate
