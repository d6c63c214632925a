"""Turns of a conversation as JSON data, exact to the last digit, to be recorded and read again."""

import json
from typing import Any

from pydantic import TypeAdapter

from agents.language.conversation import Turn
from workloads.analysis.answers import dump_answers, load_answers, to_plain

_ADAPTER = TypeAdapter(Turn)


def dump_turn(turn: Turn) -> dict[str, Any]:
    """Return a turn as JSON data."""
    data: dict[str, Any] = json.loads(dump_answers(to_plain(turn)))
    return data


def load_turn(data: dict[str, Any]) -> Turn:
    """Return the turn that `dump_turn` has converted. Raises ValueError for anything else."""
    return _ADAPTER.validate_python(load_answers(json.dumps(data)))
