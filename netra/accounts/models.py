"""No tables. Django tells only apps with models that the database is migrated, which is when roles are set up."""
