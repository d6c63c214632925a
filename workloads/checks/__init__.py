"""Checks of a log's figures against the log itself: its totals, its stated costs, its models' limits, its columns."""
