"""Processes that tests start can be interrupted, also where a shell runs the tests themselves in the background."""

import signal


def heed_interrupts() -> None:
    """Have SIGINT end this process, and those that it starts from now on: whoever runs it may have it ignored or
    blocked, and children inherit both. What has a way of its own to end keeps it."""
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])
