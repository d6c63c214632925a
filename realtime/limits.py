"""Limits on what one client, and one user, may use. docs/protocol.md names them; `welcome` tells them."""

WINDOW_EVENTS = 512  # sent and not yet acknowledged, on one socket
WINDOW_BYTES = 1024 * 1024
ACK_EVENTS = 64  # after so many a client acknowledges at the latest
HEARTBEAT = 15.0  # seconds after which the server says something
SILENCE = 90.0  # seconds after which a client that says nothing is closed

USER_SOCKETS = 50  # of one user in one process: what they cost, they cost it alone
REQUESTS_PER_SECOND = 50  # of one socket: frames that ask for something
REQUESTS_AT_ONCE = 200
# Frames of any kind, also those below messages (pings, fragments). Each frame of events that is sent earns one more,
# so acknowledging as fast as events come never exceeds them.
FRAMES_PER_SECOND = 100  # of one socket
FRAMES_AT_ONCE = 500
USER_FRAMES_PER_SECOND = 500  # of all sockets of a user in one process
USER_FRAMES_AT_ONCE = 2_500
EXCESS_PAUSE = 1.0  # seconds for which a socket beyond them is not read from
EXCESS_WINDOW = 10.0  # seconds after being told so in which a second time closes it
HANDSHAKES_PER_SECOND = 50  # of one address in one process
HANDSHAKES_AT_ONCE = 2_000
INBOX_FRAMES = 100  # frames that wait to be worked off
BAD_FRAMES = 50  # on one socket
FRAME_BYTES = 128 * 1024  # a question of MAX_MESSAGE characters fits, however it is escaped
MESSAGE_BYTES = 1024 * 1024  # beyond it the server breaks off before anything of ours reads it

READ_EVENTS = 64  # events read from the log at once
SENT_BYTES = 256 * 1024  # in one frame, beyond its first event: what a socket that must wait holds in memory
