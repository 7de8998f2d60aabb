"""All that knows where bytes end up."""
