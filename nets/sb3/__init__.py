"""Stable-Baselines3 with these networks."""
