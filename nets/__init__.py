"""Networks, optimizers and everything else of the course for deep agents."""
