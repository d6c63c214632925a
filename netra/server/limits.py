"""Bounds on what one connection may cost the server before its user is known. docs/operations.md lists them."""

ANONYMOUS_BODY_BYTES = 64 * 1024  # of a request with neither a session nor a token
BODY_BYTES = 1024**2
ALL_BODIES_BYTES = 256 * 1024**2  # of all open requests in this process
BODIES_PER_ADDRESS_BYTES = 128 * 1024**2  # of all open requests from one address

HEADER_BYTES = 16 * 1024  # a request's first line and headers
HEADER_COUNT = 100

HEADER_SECONDS = 20.0  # from a request's first byte to the end of its headers; also until the first request
HANDSHAKE_SECONDS = 20  # until a websocket's handshake is answered: when all clients reconnect, most wait their turn
BODY_SECONDS = 30.0  # and one more second for each BODY_BYTES_PER_SECOND
BODY_BYTES_PER_SECOND = 16 * 1024
LINGER_SECONDS = 5.0  # in which a refused client may finish sending, and read the answer
LINGER_BYTES = 16 * 1024**2

UNREAD_BYTES = 4 * 1024**2  # written to one connection and not yet taken by its client
STALL_SECONDS = 30.0  # in which a client that has something to read must take at least STALL_BYTES, or all of it
STALL_BYTES = 32 * 1024
