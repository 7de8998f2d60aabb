"""The ledger, in SQLite."""
