"""The audit: one row for each attempt at a tool, chained and anchored so that changes are detected.

May import core; of tools only what is in this package."""
