"""Rules for questions of those who pay the bill: who and what makes it, how fast it grows, and what of it is left."""
