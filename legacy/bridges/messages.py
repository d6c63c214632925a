"""Text of legacy websocket messages, and removal of secrets from their data."""

import json
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, JsonValue

from core.json_data import to_jsonable
from core.redaction import REMOVED, SECRET_NAME, redact


def redact_data(value: JsonValue) -> JsonValue:
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, list):
        return [redact_data(each) for each in value]
    if isinstance(value, dict):
        return {key: _redact_named(key, each) for key, each in value.items()}
    return value


def _redact_named(key: str, value: JsonValue) -> JsonValue:
    """Lists of what is secret are; figures and flags are not ("max_tokens": 5). Of credentials nothing is shown."""
    lists = value and isinstance(value, str | list) and SECRET_NAME.search(key)
    return REMOVED if lists or (value and "credential" in key.lower()) else redact_data(value)


TEXT_FIELDS = ("content", "message", "text", "thought", "reasoning", "status")
ENVELOPE_FIELDS = ("payload", "data")


def split_message(message: object) -> tuple[Mapping[str, Any], ...]:
    """The message and what it encloses, as mappings; nothing for a plain text."""
    whole = message.model_dump() if isinstance(message, BaseModel) else message
    if not isinstance(whole, Mapping):
        return ()
    return (whole, *(whole[name] for name in ENVELOPE_FIELDS if isinstance(whole.get(name), Mapping)))


def get_message_text(message: object) -> str:
    """Its text where it has one, otherwise its data as JSON, without ids; empty where it says nothing."""
    if isinstance(message, str):
        return message
    parts = split_message(message)
    for part in reversed(parts):
        for name in TEXT_FIELDS:
            if isinstance(part.get(name), str) and part[name].strip():
                return str(part[name])
    return (
        to_redacted_json({name: value for name, value in parts[-1].items() if not name.endswith("_id")})
        if parts
        else ""
    )


def to_redacted_json(value: object) -> str:
    """Data as one line, without secrets."""
    if value is None or value == {}:
        return ""
    return value if isinstance(value, str) else json.dumps(redact_data(to_jsonable(value)), ensure_ascii=False)
