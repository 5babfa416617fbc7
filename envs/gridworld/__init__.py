"""Gridworlds with exact models."""
