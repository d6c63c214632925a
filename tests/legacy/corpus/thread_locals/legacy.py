"""Who somebody is, in a thread that is used again."""

import threading
from threading import local

_current = threading.local()  # expect: thread-local
user_store = local()  # expect: thread-local


def begin(user):
    _current.user = user


class Authority(threading.local):  # expect: thread-local
    def __init__(self):
        self.permissions = ()
