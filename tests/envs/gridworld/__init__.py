"""Gridworlds: rules, maps, observations, pictures."""
