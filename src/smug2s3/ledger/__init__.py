"""All that knows SQLite."""
