"""The audit: one row for each attempt at a tool, chained and anchored so that a change shows.

May import core; of tools only what is in this package."""
