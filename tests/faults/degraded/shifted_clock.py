"""`python -m tests.faults.degraded.shifted_clock SECONDS MODULE|SCRIPT …`: a program whose clock is so much ahead, or
with a negative number behind, as on a machine whose clock is wrong. What measures durations is right there, too."""

import datetime
import runpy
import sys
import time
from typing import Any

REAL = datetime.datetime
REAL_TIME, REAL_TIME_NS = time.time, time.time_ns


class _ShiftedType(type):
    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, REAL)

    def __subclasscheck__(cls, subclass: type) -> bool:
        return issubclass(subclass, REAL)


def shift_clock(seconds: float) -> None:
    """Replace what reads the time of day. Before anything else is imported, as modules keep what they have imported."""
    shift = datetime.timedelta(seconds=seconds)

    class Shifted(REAL, metaclass=_ShiftedType):
        def __new__(cls, *args: Any, **kwargs: Any) -> Any:
            return REAL(*args, **kwargs)

        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return REAL.now(tz) + shift

        @classmethod
        def utcnow(cls) -> Any:
            return REAL.now(datetime.UTC).replace(tzinfo=None) + shift

        @classmethod
        def today(cls) -> Any:
            return REAL.now() + shift

    datetime.datetime = Shifted  # type: ignore[misc]
    time.time = lambda: REAL_TIME() + seconds
    time.time_ns = lambda: REAL_TIME_NS() + int(seconds * 1e9)


if __name__ == "__main__":
    shift_clock(float(sys.argv[1]))
    program, sys.argv = sys.argv[2], sys.argv[2:]
    if program.endswith(".py"):
        runpy.run_path(program, run_name="__main__")
    else:
        runpy.run_module(program, run_name="__main__", alter_sys=True)
