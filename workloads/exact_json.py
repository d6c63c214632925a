"""JSON that brings exact types back: decimals, dates and times, besides what JSON has."""

import json
from datetime import date, datetime
from decimal import Decimal
from typing import Any


def dump_exact(plain: Any) -> str:
    return json.dumps(plain, default=_encode)


def load_exact(text: str | bytes) -> Any:
    """Return what `dump_exact` wrote. Raises ValueError."""
    return json.loads(text, object_hook=_decode)


def _encode(value: object) -> Any:
    match value:
        case Decimal():
            return {"$decimal": str(value)}
        case datetime():
            return {"$datetime": value.isoformat()}
        case date():
            return {"$date": value.isoformat()}
    raise TypeError(f"{type(value).__name__} cannot be encoded")


def _decode(data: dict[str, Any]) -> Any:
    if len(data) != 1:  # first, as this is called for every object
        return data
    ((name, text),) = data.items()
    match name:
        case "$decimal":
            return Decimal(text)
        case "$datetime":
            return datetime.fromisoformat(text)
        case "$date":
            return date.fromisoformat(text)
    return data
