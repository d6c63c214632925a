"""Fair sharing of slots and of database threads among users.

Imports nothing of ours but core."""
