"""The only place that names a group, and the one message that is sent to it."""

BELL = "stream.bell"

# Every process of the installation is in it, nobody's socket ever. A bell says whose stream has news, and none of the
# news: what a socket is told comes from that user's own rows.
PROCESSES = "netra.processes"
