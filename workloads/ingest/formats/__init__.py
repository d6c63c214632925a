"""The log formats that are read, one module each, and their registry.
Imports core and ingest.mapping only."""
