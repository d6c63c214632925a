"""Arguments by their path: `name`, or `filter.region` for one within another."""

from collections.abc import Iterator, Mapping
from typing import Any


def values_at(arguments: Any, path: str) -> Iterator[Any]:
    """What stands there: once for every element where a list is on the way; None where there is nothing."""
    first, _, rest = path.partition(".")
    found = arguments.get(first) if isinstance(arguments, Mapping) else None
    if not rest:
        yield found
    elif isinstance(found, list):
        for each in found:
            yield from values_at(each, rest)
    else:
        yield from values_at(found, rest)


def has_argument(schema: Mapping[str, Any], path: str) -> bool:
    """Whether a tool with this JSON schema of its input can be given such an argument."""
    return _has(schema, path, schema.get("$defs", {}))


def _has(schema: Mapping[str, Any], path: str, named: Mapping[str, Any]) -> bool:
    first, _, rest = path.partition(".")
    for shape in _shapes(schema, named):
        inner = shape.get("properties", {}).get(first, shape.get("additionalProperties", False))
        if inner is False:
            continue
        if not rest or inner is True or _has(inner, rest, named):
            return True
    return False


def _shapes(schema: Mapping[str, Any], named: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The objects that a value may be, also as elements of a list."""
    if "$ref" in schema:
        yield from _shapes(named[schema["$ref"].rpartition("/")[2]], named)
    for kind in ("anyOf", "oneOf", "allOf"):
        for each in schema.get(kind, ()):
            yield from _shapes(each, named)
    if isinstance(items := schema.get("items"), Mapping):
        yield from _shapes(items, named)
    if "properties" in schema or "additionalProperties" in schema:
        yield schema
