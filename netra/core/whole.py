from dataclasses import dataclass

from pydantic import JsonValue


@dataclass(frozen=True, slots=True)
class Whole:
    """What a tool answered where its event has a preview only; not `complete` where that was too much to be kept."""

    result: JsonValue
    complete: bool
