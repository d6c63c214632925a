"""The kinds of data that a tool's result may hold, and which of them a remote language model is sent.

What the notice says (agents/modelchoice.py) is about these kinds; a test holds its words to them.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Kind(StrEnum):
    FIGURES = "totals and distributions"
    WORDS = "sentences of Netra's own"
    FILE_NAME = "file name"
    COLUMN_NAMES = "column names"
    MODEL_NAMES = "models"
    FEATURE_NAMES = "features"
    ERROR_TEXTS = "error texts"
    ROWS = "rows"
    PROMPTS = "prompts"
    HASHES = "hashes"
    REQUEST_IDS = "request ids"
    SESSION_IDS = "session ids"
    USER_NAMES = "users' names"  # of the log's users, and of this installation's


SENT = frozenset(
    (
        *(Kind.FIGURES, Kind.WORDS, Kind.FILE_NAME, Kind.COLUMN_NAMES),
        *(Kind.MODEL_NAMES, Kind.FEATURE_NAMES, Kind.ERROR_TEXTS),
    )
)
DENIED = frozenset(Kind) - SENT
"""What the notice says is not sent: no result that may hold it reaches a remote model."""

COLUMNS: Mapping[str, Kind] = MappingProxyType(
    {
        "request_id": Kind.REQUEST_IDS,
        "session": Kind.SESSION_IDS,
        "end_user": Kind.USER_NAMES,
        "prompt_hash": Kind.HASHES,
        "blocks": Kind.HASHES,
    }
)
"""Columns of a log (workloads/schema.py) whose values are of a kind that is denied."""
