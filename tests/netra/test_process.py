"""A process of ours ends as any other, and says nothing of its own about it."""

import subprocess
import sys

ENDING = """
import atexit, sys, threading
from pathlib import Path
from netra.process import exit_now
gate = threading.Event()
threading.Thread(target=lambda: (gate.wait(), print("thread"))).start()
atexit.register(print, "registered")
atexit.register(gate.set)
class Held:
    def __del__(self):
        print("taken apart", file=sys.stderr)
held = Held()
sys.stdout.write("buffered\\n")
gate.set()
exit_now(7)
"""


def test_it_waits_for_threads_runs_what_was_registered_and_writes_what_is_buffered() -> None:
    done = subprocess.run([sys.executable, "-c", ENDING], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (7, "buffered\nthread\nregistered\n", "")
