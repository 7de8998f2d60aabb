"""Measurements, not tests: `uv run python -m tests.bench NAME` prints a table, each figure as a ratio to a peer."""
