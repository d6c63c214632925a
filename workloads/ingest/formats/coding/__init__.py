"""Logs of coding agents, and reports on them. A module for each vendor."""
