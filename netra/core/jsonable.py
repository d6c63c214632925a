from collections.abc import Mapping
from typing import Any

from pydantic import JsonValue
from pydantic_core import to_jsonable_python


def jsonable(value: Any) -> JsonValue:
    """A frozen result as JSON data: decimals as strings, what JSON has no number for as null.

    Raises TypeError for an object that is no data.
    """
    data: JsonValue = to_jsonable_python(value, inf_nan_mode="null", fallback=_mapping)
    return data


def _mapping(value: Any) -> dict[Any, Any]:
    # The read-only mappings of frozen values are no dicts to pydantic.
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is no data")
