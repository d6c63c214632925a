"""Management commands that need several packages."""
