"""migrate_legacy and migration_status; check_isolation is in legacy.analysis, which is always installed."""
