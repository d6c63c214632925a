"""A reader of logs that reads well and is killed over their figures, as by a machine without memory."""

import os
import signal

from workloads import sandboxed


def die(*_: object, **__: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


setattr(sandboxed, "facts", die)  # noqa: B010 - it is what the module calls

if __name__ == "__main__":
    sandboxed.main()
