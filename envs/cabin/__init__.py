"""The cabin: dialogue between a driver and the car."""
