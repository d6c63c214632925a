"""A thread that is kept and joined."""

import threading


class Worker:
    def __init__(self, work):
        self._thread = threading.Thread(target=work)

    def start(self):
        self._thread.start()

    def stop(self):
        self._thread.join()
