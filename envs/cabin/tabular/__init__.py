"""The exact cabin: a small problem from the laws of driving, solved exactly."""
