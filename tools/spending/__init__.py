"""Spending: the cost of each step of a run, and the budgets that limit it.

May import core; of tools only what is in this package."""
