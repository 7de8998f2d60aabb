"""Shows events as live bars, as lines, as JSON."""
