"""What the engine needs from the outside world: a Protocol per role, with corner cases in the docstrings."""
