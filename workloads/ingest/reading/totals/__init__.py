"""Rows that are totals of others, and groups above their rows, in tables that people read."""
