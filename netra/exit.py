"""How a process of ours ends."""

import atexit
import os
import sys
import threading
from typing import NoReturn


def exit_now(status: int) -> NoReturn:
    """End this process with everything that the interpreter does at its end but one: modules are not taken apart.

    Threads are waited for, what was registered for the exit is run, what is buffered is written. Taking modules apart
    does nothing for a process that ends, and DuckDB's binding lists on standard error, on as many lines as there are,
    whatever is still held of it then.
    """
    threading._shutdown()  # type: ignore[attr-defined]  # as the interpreter calls it
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
    os._exit(status)
