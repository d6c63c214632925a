"""Reads Python trees for what lets one user's data reach another. Pure: no Django, nothing is imported or run."""
