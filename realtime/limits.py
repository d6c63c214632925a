"""Limits on what one client, and one user, may use. docs/protocol.md lists them; `welcome` sends some to the client."""

WINDOW_EVENTS = 512  # sent and not yet acknowledged, on one socket
WINDOW_BYTES = 1024 * 1024
ACK_EVENTS = 64  # a client acknowledges at least once in so many events
HEARTBEAT = 15.0  # seconds without a frame after which the server sends a heartbeat
SILENCE = 90.0  # seconds without a frame from the client after which its socket is closed

USER_SOCKETS = 50  # of one user in one process, so that their cost stays the user's own
REQUESTS_PER_SECOND = 50  # of one socket: frames other than acknowledgements
REQUESTS_AT_ONCE = 200
# Frames of any kind, also those below messages (pings, fragments). Each frame of events that is sent earns one more,
# so acknowledging as fast as events come never exceeds them.
FRAMES_PER_SECOND = 100  # of one socket
FRAMES_AT_ONCE = 500
USER_FRAMES_PER_SECOND = 500  # of all sockets of a user in one process
USER_FRAMES_AT_ONCE = 2_500
EXCESS_PAUSE = 1.0  # seconds for which a socket beyond them is not read from
EXCESS_WINDOW = 10.0  # seconds after a warning in which the next excess closes the socket
HANDSHAKES_PER_SECOND = 50  # of one address in one process
HANDSHAKES_AT_ONCE = 2_000
INBOX_FRAMES = 100  # frames of one socket that wait to be handled
BAD_FRAMES = 50  # on one socket
FRAME_BYTES = 128 * 1024  # a question of MAX_MESSAGE characters fits, however it is escaped
MESSAGE_BYTES = 1024 * 1024  # the websocket server closes on longer messages, before our code sees them

READ_EVENTS = 64  # events in one read of the stream
SENT_BYTES = 256 * 1024  # in one frame, beyond its first event; a socket that must wait holds that much in memory
