"""What one client, and one user, may cost the others. docs/protocol.md names them; `welcome` tells them."""

WINDOW_EVENTS = 512  # sent and not yet acknowledged, on one socket
WINDOW_BYTES = 1024 * 1024
ACK_EVENTS = 64  # after so many a client acknowledges at the latest
HEARTBEAT = 15.0  # seconds after which the server says something
SILENCE = 90.0  # seconds after which a client that says nothing is closed

SOCKETS = 50  # of one user in one process: what they cost, they cost it alone
FRAMES_PER_SECOND = 50  # of one socket, acknowledgements apart
FRAMES_AT_ONCE = 200
INBOX = 100  # frames that wait to be worked off
BAD_FRAMES = 50  # on one socket
FRAME_BYTES = 128 * 1024  # a question of MAX_MESSAGE characters fits, however it is escaped
MESSAGE_BYTES = 1024 * 1024  # beyond it the server breaks off before anything of ours reads it

READ = 64  # events read from the log at once
SENT_BYTES = 256 * 1024  # in one frame, beyond its first event: what a socket that must wait holds in memory
