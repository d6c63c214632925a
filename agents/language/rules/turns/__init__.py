"""Rules for questions that need the turn before: what they refer to, change, turn round or leave out."""
