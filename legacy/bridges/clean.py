"""Data without secrets: by the names they go under, and by their shapes."""

from pydantic import JsonValue

from netra.core.patterns import KEY, REMOVED
from netra.core.secrets import scrubbed


def clean(value: JsonValue) -> JsonValue:
    if isinstance(value, str):
        return scrubbed(value)
    if isinstance(value, list):
        return [clean(each) for each in value]
    if isinstance(value, dict):
        return {key: _named(key, each) for key, each in value.items()}
    return value


def _named(key: str, value: JsonValue) -> JsonValue:
    """Lists of what is secret are; figures and flags are not ("max_tokens": 5). Of credentials nothing is shown."""
    lists = value and isinstance(value, str | list) and KEY.search(key)
    return REMOVED if lists or (value and "credential" in key.lower()) else clean(value)
