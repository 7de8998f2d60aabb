"""The composition root: the one place that knows the concrete classes, opens them in order and closes them."""
