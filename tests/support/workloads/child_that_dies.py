"""A reader of logs that reads well and is killed over their figures, as by a machine without memory."""

import os
import signal

from workloads.analysis import opening
from workloads.ingest import sandbox_child


def die(*_: object, **__: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


setattr(opening, "precompute_answers", die)  # noqa: B010 - it is what the child imports

if __name__ == "__main__":
    sandbox_child.main()
