"""Causes of a difference in spend between two sets of requests: two periods, two filters, or two logs."""
