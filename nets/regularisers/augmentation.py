"""Data augmentation for images seen by agents. Chapter 7, section 7.7."""

import torch
from torch import Tensor, nn


class RandomShift(nn.Module):
    """Shift each image by up to `pad` pixels, the border repeated. Yarats et al. 2021 (DrQ).

    In evaluation mode images stay as they are. Chapter 7, section 7.7.

    Args:
        pad: The largest shift in pixels, not negative; DrQ takes 4 on 84 x 84.
        seed: Of the shifts, drawn from a generator of its own.

    Raises:
        ValueError: If `pad` is negative.
    """

    def __init__(self, pad: int = 4, seed: int = 0) -> None:
        super().__init__()
        if pad < 0:
            raise ValueError(f"the largest shift is not negative; got {pad} pixels")
        self.pad = pad
        self.generator = torch.Generator().manual_seed(seed)

    def forward(self, x: Tensor) -> Tensor:
        """Shift images `(N, maps, height, width)`, each by its own amount."""
        if x.dim() != 4:
            raise ValueError(f"images are (N, maps, height, width); got {tuple(x.shape)}")
        if not self.training or not self.pad:
            return x
        n, _, height, width = x.shape
        offsets = torch.randint(2 * self.pad + 1, (2, n, 1), generator=self.generator).to(x.device)
        rows = offsets[0] + torch.arange(height, device=x.device)  # (N, height)
        columns = offsets[1] + torch.arange(width, device=x.device)
        padded = nn.functional.pad(x, [self.pad] * 4, mode="replicate")
        images = torch.arange(n, device=x.device)[:, None, None]
        return padded.movedim(1, 3)[images, rows[:, :, None], columns[:, None, :]].movedim(3, 1)
