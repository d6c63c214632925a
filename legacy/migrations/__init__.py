"""Migrations of the kit's tables, unchanged."""
