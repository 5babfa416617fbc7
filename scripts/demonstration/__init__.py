"""What the demonstration shows: its films and its tables."""
