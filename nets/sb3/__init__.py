"""Stable-Baselines3 with our networks: extractors, windows, and a masked recurrent PPO."""

from rlkit.nets.sb3.extractors import CoreExtractor, WindowExtractor, policy_kwargs
from rlkit.nets.sb3.recurrent_ppo import MaskableRecurrentPolicy, MaskableRecurrentPPO
from rlkit.nets.sb3.wrappers import ActionMaskObservation, Window

__all__ = [
    "ActionMaskObservation",
    "CoreExtractor",
    "MaskableRecurrentPPO",
    "MaskableRecurrentPolicy",
    "Window",
    "WindowExtractor",
    "policy_kwargs",
]
