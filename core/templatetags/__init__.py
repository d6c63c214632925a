"""Template tags of all our pages."""
