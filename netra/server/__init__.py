"""What stands between a socket and the application: whose word about addresses counts, how much a client may send or
leave unread, how many connections it may hold. Imports netra.environment and what is below netra.terminal."""
