"""Where in a team's own code a bridge was used."""

import os
import sys
from dataclasses import dataclass
from pathlib import PurePath
from types import CodeType, FrameType
from typing import Any

HERE = os.getcwd()  # what "" and "." in sys.path mean, as `python -m` and daphne put them there
OURS = ("legacy.bridges", "legacy.deprecations", "pydantic.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A line of code. `file` is relative to where Python found it: an absolute path would tell of the machine."""

    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Caller:
    """The nearest caller that is not of the bridges; `absolute` and `globals` are for Python's own warnings."""

    place: Place
    absolute: str
    globals: dict[str, Any]


def caller() -> Caller:
    """Of whoever calls a bridge at this moment."""
    frame: FrameType = sys._getframe(1)
    while frame.f_back is not None and _is_ours(frame):
        frame = frame.f_back
    place = Place(file=relative(frame.f_code.co_filename), line=frame.f_lineno)
    return Caller(place, frame.f_code.co_filename, frame.f_globals)


def place_of(code: CodeType) -> Place:
    """Of a definition."""
    return Place(file=relative(code.co_filename), line=code.co_firstlineno)


def relative(file: str) -> str:
    """Under the longest folder of `sys.path` that holds it; the bare name where none does."""
    path = PurePath(file)
    under = [root for root in (HERE if each in ("", ".") else each for each in sys.path) if path.is_relative_to(root)]
    found = path.relative_to(max(under, key=len)) if under else PurePath(path.name)
    return found.as_posix()[-250:]


def _is_ours(frame: FrameType) -> bool:
    name = str(frame.f_globals.get("__name__", ""))
    return name.startswith(OURS)
