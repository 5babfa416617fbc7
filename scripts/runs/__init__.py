"""One training and its folder: metrics, events, checkpoints, curves, and comparisons of runs."""
