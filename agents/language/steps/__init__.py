"""Questions that are answered in steps, or that have an end of their own: who comes first, and what money went into."""
