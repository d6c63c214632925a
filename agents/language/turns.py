"""A turn of a conversation, and turns as JSON data, exact to the last digit, to be recorded and read again."""

import json
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter

from agents.language.reading import Reading
from workloads.analysis.answers import dump_answers, load_answers, to_plain


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """An earlier question, and the value that its answer was about, if it was about one: "code-review" by feature."""

    reading: Reading
    subject: tuple[str, str] | None = None


_ADAPTER = TypeAdapter(Turn)


def dump_turn(turn: Turn) -> dict[str, Any]:
    """Return a turn as JSON data."""
    data: dict[str, Any] = json.loads(dump_answers(to_plain(turn)))
    return data


def load_turn(data: dict[str, Any]) -> Turn:
    """Return the turn that `dump_turn` has converted. Raises ValueError for anything else."""
    return _ADAPTER.validate_python(load_answers(json.dumps(data)))
