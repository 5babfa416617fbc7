"""What the pages on optimisation and on the course's questions measure and draw."""
