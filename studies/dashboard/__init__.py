"""Example scenes of the dashboard, drawn and timed."""
