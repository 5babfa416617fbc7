"""What may go wrong while a deep agent learns."""


class NotFiniteError(ArithmeticError):
    """An observation, a reward or a gradient is not a finite number; the message says where."""
