"""What was lived through: environments in lockstep, and what is kept of their steps."""
