"""Tabular learners."""

from rlkit.agents.tabular.q_learning import QLearning, QLearningConfig

__all__ = ["QLearning", "QLearningConfig"]
