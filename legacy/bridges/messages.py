"""Legacy websocket messages: their text, checks of the ids in them, and removal of secrets from their data."""

import json
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, JsonValue

from core.json_data import to_jsonable
from core.redaction import REMOVED, SECRET_NAME, redact
from legacy.bridges.ownership import require_own_ids_in
from legacy.bridges.turn import BridgeTurn

TEXT_FIELDS = ("content", "message", "text", "thought", "reasoning", "status")
ENVELOPE_FIELDS = ("payload", "data")


def redact_data(value: JsonValue) -> JsonValue:
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, list):
        return [redact_data(each) for each in value]
    if isinstance(value, dict):
        return {key: _redact_named(key, each) for key, each in value.items()}
    return value


def _redact_named(key: str, value: JsonValue) -> JsonValue:
    """Remove strings and lists with secret names, but not figures ("max_tokens": 5); remove all credentials."""
    is_secret = value and isinstance(value, str | list) and SECRET_NAME.search(key)
    return REMOVED if is_secret or (value and "credential" in key.lower()) else redact_data(value)


async def send_own_message(turn: BridgeTurn, message: object, where: str) -> bool:
    """Send a message to the user as a thought. Raises IsolationViolation if it contains another user's ids."""
    require_own_message_ids(turn, message, where)
    return await turn.send_thought(get_message_text(message))


def require_own_message_ids(turn: BridgeTurn, message: object, where: str) -> None:
    """Raises IsolationViolation if the message or its payload contains another user's ids."""
    for part in split_message(message):
        require_own_ids_in(turn, part, where)


def split_message(message: object) -> tuple[Mapping[str, Any], ...]:
    """Return the message and its payloads, as mappings; nothing for a plain text."""
    whole = message.model_dump() if isinstance(message, BaseModel) else message
    if not isinstance(whole, Mapping):
        return ()
    return (whole, *(whole[name] for name in ENVELOPE_FIELDS if isinstance(whole.get(name), Mapping)))


def get_message_text(message: object) -> str:
    """Return the text of a message; without one, its data as JSON without ids; "" if it is empty."""
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
    """Return data as one line of JSON, without secrets."""
    if value is None or value == {}:
        return ""
    return value if isinstance(value, str) else json.dumps(redact_data(to_jsonable(value)), ensure_ascii=False)
