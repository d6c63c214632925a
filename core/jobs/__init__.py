"""Background work: jobs of registered kinds, queued in the transaction of the change that they follow from.

On SQLite a small engine in the server's process runs them, on PostgreSQL procrastinate. Imports nothing but core."""
