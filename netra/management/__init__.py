"""The project-wide management commands; those of one package are in that package."""
