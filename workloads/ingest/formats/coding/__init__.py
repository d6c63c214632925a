"""What coding agents log, and reports on them. One module a format."""
