"""Typed questions about a log, and the one SQL builder that answers them.

May import workloads.analysis, workloads.pricing and workloads.ingest. Nothing here reads a user's words."""
