"""Logs of coding agents, and reports on them. One module a format."""
