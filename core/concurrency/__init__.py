"""Fair sharing of slots and of database threads among users; threads and coroutines that run in the background.

Imports nothing of ours but core."""
