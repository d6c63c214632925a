"""Why a socket is closed by us. docs/protocol.md says what a client does about each."""

from enum import IntEnum


class Close(IntEnum):
    GOING_AWAY = 1012  # the server stops
    BROKEN = 1011  # sending failed on our side
    NOT_OURS = 4400  # too many frames that are none
    SIGNED_OUT = 4401
    AUTHORITY_CHANGED = 4403
    SILENT = 4408
    FLOOD = 4413  # more frames than a socket may send, or more waiting than we keep
    TOO_MANY = 4429  # sockets of this user
