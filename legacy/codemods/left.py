"""What was left to a person, and why."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """`line` counts from 1 in the file as it was read.

    What `blocks` keeps its file as it is; the rest was done, or concerns no agent, and wants a look.
    """

    line: int
    code: str
    reason: str
    blocks: bool = True
