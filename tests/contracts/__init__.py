"""Contracts over everything registered."""
