"""The table of results: every agent in every scenario, measured cell by cell."""
