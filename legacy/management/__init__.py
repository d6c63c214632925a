"""Management commands of the migration kit."""
