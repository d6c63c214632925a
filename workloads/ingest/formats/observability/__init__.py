"""What tracing systems and their conventions record. One module a format."""
