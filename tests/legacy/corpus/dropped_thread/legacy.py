"""Threads that nobody joins, with whatever they were given."""

import threading
from threading import Thread


def begin(user_id, work):
    threading.Thread(target=work, args=(user_id,), daemon=True).start()  # expect: dropped-task


def report(state, mail):
    Thread(target=mail, args=(state,)).start()  # expect: dropped-task
