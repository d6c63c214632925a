"""Prices: the offline price list, rates by date and size, and the SQL that prices every request of a log.
Imports core only."""
