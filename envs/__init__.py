"""Environments: gridworlds, the cabin, and any finite MDP."""
