"""Records of tracing systems and their conventions. A module for each vendor."""
