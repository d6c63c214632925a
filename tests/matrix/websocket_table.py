"""The answer to each kind of frame. What it names (a position, a conversation, a run) is the owner's."""

from collections.abc import Mapping
from types import MappingProxyType

from tests.matrix.row import Row

OUT, GONE = "closed 4401", "closed 4403"  # not signed in; not any more, at the next look

# fmt: off
FRAMES: Mapping[str, Row[str]] = MappingProxyType({
    #             owner       other        anon. demoted      deact. operator
    "resume": Row("events",   "resync",    OUT, "resync",     GONE, "resync"),
    "start":  Row("accepted", "not_found", OUT, "not_found",  GONE, "not_found"),
    "cancel": Row("accepted", "not_found", OUT, "not_found",  GONE, "not_found"),
    "ack":    Row("silence",  "silence",   OUT, "silence",    GONE, "silence"),
    "ping":   Row("pong",     "pong",      OUT, "pong",       GONE, "pong"),
})
