"""What the engine asks of the outside world, a Protocol for each role; corner cases stand in the docstrings."""
