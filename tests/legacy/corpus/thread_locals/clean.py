"""A thread's own buffer, which is nobody's."""

import threading

_buffers = threading.local()


def scratch():
    if not hasattr(_buffers, "block"):
        _buffers.block = bytearray(1024)
    return _buffers.block


class Clock(threading.local):
    def __init__(self):
        self.started = 0.0
