"""The pages under `docs/`."""
