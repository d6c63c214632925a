"""What an old websocket message says, as a line that a person can read."""

import json
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from legacy.bridges.clean import clean
from netra.core.jsonable import jsonable

TEXTS = ("content", "message", "text", "thought", "reasoning", "status")
ENVELOPE = ("payload", "data")


def parts_of(message: object) -> tuple[Mapping[str, Any], ...]:
    """The message and what it encloses, as mappings; nothing for a plain text."""
    whole = message.model_dump() if isinstance(message, BaseModel) else message
    if not isinstance(whole, Mapping):
        return ()
    return (whole, *(whole[name] for name in ENVELOPE if isinstance(whole.get(name), Mapping)))


def worded(message: object) -> str:
    """Its text where it has one, otherwise its data as JSON, without ids; empty where it says nothing."""
    if isinstance(message, str):
        return message
    parts = parts_of(message)
    for part in reversed(parts):
        for name in TEXTS:
            if isinstance(part.get(name), str) and part[name].strip():
                return str(part[name])
    return shown({name: value for name, value in parts[-1].items() if not name.endswith("_id")}) if parts else ""


def shown(value: object) -> str:
    """Data as one line, without secrets."""
    if value is None or value == {}:
        return ""
    return value if isinstance(value, str) else json.dumps(clean(jsonable(value)), ensure_ascii=False)
