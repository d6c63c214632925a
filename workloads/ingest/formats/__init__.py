"""The log formats that are read, a module for each vendor, in folders by who writes them, and their registry.
Imports core and ingest.column_names only."""
