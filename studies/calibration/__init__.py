"""Measuring the benchmark scenarios of the cabin beside their reference."""
