"""Records of tracing systems and their conventions. One module a format."""
