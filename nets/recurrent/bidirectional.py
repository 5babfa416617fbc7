"""Networks that read a finished sequence in both directions. Chapter 6, eq. 6.71-6.73."""

import torch
from torch import Tensor, nn

from rlkit.nets.recurrent.core import Recurrent, RecurrentLayer


class Bidirectional(nn.Module):
    """h_t = (forward h_t, backward h_t). Chapter 6, eq. 6.71-6.73; Schuster & Paliwal 1997.

    It needs the end of a sequence before its first output, so it is no core: use it for windows,
    critics and encoders, never for acting.

    Args:
        forward_layer: Reads from the first step to the last.
        backward_layer: Reads from the last step to the first.
    """

    def __init__(self, forward_layer: RecurrentLayer, backward_layer: RecurrentLayer) -> None:
        super().__init__()
        if forward_layer.input_size != backward_layer.input_size:
            raise ValueError(
                "both directions read the same inputs; got input sizes "
                f"{forward_layer.input_size} and {backward_layer.input_size}"
            )
        self.onward = Recurrent(forward_layer)
        self.backward = Recurrent(backward_layer)
        self.input_size = forward_layer.input_size
        self.output_size = forward_layer.output_size + backward_layer.output_size

    def forward(self, x: Tensor, reset: Tensor | None = None) -> Tensor:
        """Map x `(T, B, e)` to `(T, B, forward d + backward d)`.

        Args:
            x: The sequences.
            reset: `(T, B)`, non-zero where x opens an episode; neither direction looks across.
        """
        opens = torch.zeros(x.shape[:2], dtype=torch.bool) if reset is None else reset.bool()
        closes = opens.roll(-1, dims=0)  # the step before an opening is the last of its episode
        batch = x.shape[1]
        onward, _ = self.onward(x, self.onward.initial_state(batch), opens)
        back, _ = self.backward(x.flip(0), self.backward.initial_state(batch), closes.flip(0))
        return torch.cat([onward, back.flip(0)], dim=-1)
