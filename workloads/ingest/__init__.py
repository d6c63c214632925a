"""Turns an uploaded file in any supported format into a DuckDB file of one shape, in a child process with limits.
Imports core, child_process, analysis.answers, analysis.opening and pricing.assumptions; never Django."""
