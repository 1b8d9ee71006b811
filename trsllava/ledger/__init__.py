"""The ledger: SQLite, the source of truth."""
