"""Bounds on what one connection may cost the server before its user is known. docs/operations.md lists them."""

ANONYMOUS_BODY_BYTES = 64 * 1024  # of a request that brings neither a session nor a token
BODY_BYTES = 1024**2
ALL_BODIES_BYTES = 256 * 1024**2  # of all requests under way in this process
BODIES_PER_ADDRESS_BYTES = 128 * 1024**2  # of those from one address

HEADER_BYTES = 16 * 1024  # a request's first line and headers
HEADER_COUNT = 100

HEADER_SECONDS = 20.0  # from a request's first byte to the end of its headers; also until the first request
HANDSHAKE_SECONDS = 20  # until a websocket's is answered: where everybody comes back at once, most wait their turn
BODY_SECONDS = 30.0  # and a second more for each
BODY_BYTES_PER_SECOND = 16 * 1024
LINGER_SECONDS = 5.0  # in which a client that was refused may finish what it sends, and read why
LINGER_BYTES = 16 * 1024**2

UNREAD_BYTES = 4 * 1024**2  # written to one connection and not taken by its client
STALL_SECONDS = 30.0  # in each of which a client that has to read takes at least so many bytes, or all
STALL_BYTES = 32 * 1024
