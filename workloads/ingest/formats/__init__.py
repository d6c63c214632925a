"""The log formats that are read, one module each, in folders by who writes them, and their registry.
Imports core and ingest.column_names only."""
