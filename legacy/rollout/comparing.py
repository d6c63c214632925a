"""In which declared fields two agents' outputs differ. Names come from classes, so none is anybody's data."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from pydantic import JsonValue

from legacy.bridges.results import FIELDS, LegacyOutput
from netra.core.jsonable import jsonable

MORE = "(more)"  # what only the legacy agent's output has
WHOLE = "(all of it)"


def differing(agent: str, legacy: object, modern: object) -> tuple[str, ...]:
    """As `spend.total`; empty where they are equal. Fractions may differ in their last digits."""
    return tuple(_fields(_data(agent, legacy), modern, ""))


def _data(agent: str, output: object) -> JsonValue:
    if isinstance(output, LegacyOutput):
        return output.results.get(FIELDS.get(agent, ""))
    return jsonable(output)


def _fields(old: JsonValue, new: object, prefix: str) -> Iterator[str]:
    if not is_dataclass(new) or isinstance(new, type) or not isinstance(old, Mapping):
        if not alike(old, jsonable(new)):
            yield prefix.removesuffix(".") or WHOLE
        return
    names = [each.name for each in fields(new)]
    for name in names:
        yield from _fields(old.get(name), getattr(new, name), f"{prefix}{name}.")
    if old.keys() - set(names):
        yield f"{prefix}{MORE}"


def alike(old: Any, new: Any) -> bool:
    """Of JSON data."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        return old.keys() == new.keys() and all(alike(old[key], new[key]) for key in old)
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(alike(*pair) for pair in zip(old, new, strict=True))
    if isinstance(old, float) and isinstance(new, float):
        return math.isclose(old, new, rel_tol=1e-9)
    return bool(old == new)
