"""Quotas: how often within a minute, and how many at once, one user may call one tool.

May import core; of tools only what is in this package."""
