"""Reads a file's text cells into typed requests, by SQL.
Imports core and the other modules of ingest."""
