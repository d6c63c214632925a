"""Rules for names that are set side by side."""
