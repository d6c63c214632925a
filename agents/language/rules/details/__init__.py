"""Rules for what is asked beside figures: why, what happened, since when, and marks of the file."""
