"""Processes that tests start can be interrupted, however the tests were started."""

import signal
import subprocess
import sys

import pytest

from tests.support.signals import heed_interrupts

SENDING = "import os, signal; os.kill(os.getpid(), signal.SIGINT); print('went on')"


@pytest.mark.parametrize("how", ["ignored", "blocked"])
def test_a_child_is_interrupted_whatever_its_parent_inherited(how: str) -> None:
    action, mask = signal.getsignal(signal.SIGINT), signal.pthread_sigmask(signal.SIG_BLOCK, [])
    try:
        if how == "ignored":
            signal.signal(signal.SIGINT, signal.SIG_IGN)
        else:
            signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
        heed_interrupts()
        done = subprocess.run([sys.executable, "-c", SENDING], capture_output=True, text=True)
    finally:
        signal.signal(signal.SIGINT, action)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    assert (done.returncode, done.stdout) == (-signal.SIGINT, "")
