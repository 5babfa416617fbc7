"""Drawing: a small kit over pygame that needs no screen, and a window for people."""
