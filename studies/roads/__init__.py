"""Drives recorded in a traffic simulator, and what they hold."""
