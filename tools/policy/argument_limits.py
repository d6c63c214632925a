"""Limits on arguments: `{"argument": {"max": 10, "min": 1, "in": [...], "not_in": [...], "max_length": 100}}`.

An argument is named by its path: `name`, or `filter.region` for a nested one. A list is within `max`, `min`, `in` and
`not_in` where each of its elements is; `max_length` counts the characters of a text, the elements of a list or the
entries of an object. A missing or null value is not a number and, unless it is listed, in no list: omitting an argument
does not get around its limit."""

import math
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from core.exceptions import BadInput
from core.i18n.text import Text, join_texts, text


def validate_limits(limits: Any) -> None:
    """Raises BadInput, with a message for an operator, if these are no valid limits."""
    if not isinstance(limits, dict):
        raise BadInput(text("Limits must be a JSON object, such as {example}.", example='{"name": {"max_length": 40}}'))
    for path, bounds in limits.items():
        if not all(path.split(".")):
            raise BadInput(
                text("{path} is not an argument name. Use name, or outer.inner for a nested argument.", path=repr(path))
            )
        if not isinstance(bounds, dict) or not bounds:
            raise BadInput(text("{path}: specify a limit, such as {example}.", path=path, example='{"max": 10}'))
        for kind, bound in bounds.items():
            if kind not in LIMIT_KINDS:
                kinds = ", ".join(LIMIT_KINDS)
                raise BadInput(
                    text("{path}: unknown limit {kind}. Use one of: {kinds}.", path=path, kind=repr(kind), kinds=kinds)
                )
            if not _BOUND_PREDICATES[kind](bound):
                raise BadInput(
                    text("{path}: {kind} must be {what}.", path=path, kind=kind, what=_BOUND_DESCRIPTIONS[kind])
                )


def check_arguments_exist(limits: Mapping[str, Any], schema: Mapping[str, Any], tool: str) -> None:
    """Raises BadInput if there is a limit on an argument that the tool does not have."""
    for path in limits:
        if not has_argument(schema, path):
            known = ", ".join(sorted(schema.get("properties", {}))) or text("none")
            raise BadInput(
                text("{tool} has no argument {path}. Its arguments: {known}.", tool=tool, path=path, known=known)
            )


def find_violation(limits: Mapping[str, Any], arguments: Mapping[str, Any]) -> Text | None:
    """Return the broken limit as the rest of a sentence, or None. Raises BadInput if these are no valid limits."""
    validate_limits(limits)
    for path, bounds in limits.items():
        for kind, bound in bounds.items():
            if not all(_PREDICATES[kind](value, bound) for value in iter_values(arguments, path)):
                return _VIOLATION_MESSAGES[kind](path, bound)
    return None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_equal(one: Any, other: Any) -> bool:
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def _is_in_list(value: Any, choices: list[Any]) -> bool:
    return any(_is_equal(value, choice) for choice in choices)


def _apply_to_elements(predicate: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def is_within(value: Any, bound: Any) -> bool:
        return all(is_within(item, bound) for item in value) if isinstance(value, list) else predicate(value, bound)

    return is_within


def _is_short_enough(value: Any, max_length: int) -> bool:
    if value is None:
        return True
    return len(value if isinstance(value, str | list | dict) else str(value)) <= max_length


def _format_values(bound: list[Any]) -> Text:
    return join_texts(", ", (text("no value") if value is None else str(value) for value in bound))


_PREDICATES: Mapping[str, Callable[[Any, Any], bool]] = MappingProxyType(
    {
        "max": _apply_to_elements(lambda value, bound: _is_number(value) and value <= bound),
        "min": _apply_to_elements(lambda value, bound: _is_number(value) and value >= bound),
        "in": _apply_to_elements(_is_in_list),
        "not_in": _apply_to_elements(lambda value, bound: not _is_in_list(value, bound)),
        "max_length": _is_short_enough,
    }
)
_VIOLATION_MESSAGES: Mapping[str, Callable[[str, Any], Text]] = MappingProxyType(
    {
        "max": lambda path, bound: text("{argument} must be {bound} or less", argument=path, bound=bound),
        "min": lambda path, bound: text("{argument} must be {bound} or more", argument=path, bound=bound),
        "in": lambda path, bound: text(
            "{argument} must be one of: {values}", argument=path, values=_format_values(bound)
        ),
        "not_in": lambda path, bound: text(
            "{argument} must not be any of: {values}", argument=path, values=_format_values(bound)
        ),
        "max_length": lambda path, bound: text("{argument} must be no longer than {bound}", argument=path, bound=bound),
    }
)
_BOUND_PREDICATES: Mapping[str, Callable[[Any], bool]] = MappingProxyType(
    {
        "max": _is_number,
        "min": _is_number,
        "in": lambda bound: isinstance(bound, list) and bool(bound),
        "not_in": lambda bound: isinstance(bound, list) and bool(bound),
        "max_length": lambda bound: isinstance(bound, int) and _is_number(bound) and bound >= 0,
    }
)
_BOUND_DESCRIPTIONS: Mapping[str, Text] = MappingProxyType(
    {
        "max": text("a number"),
        "min": text("a number"),
        "in": text("a non-empty list"),
        "not_in": text("a non-empty list"),
        "max_length": text("a whole number, 0 or more"),
    }
)
LIMIT_KINDS = tuple(_PREDICATES)


def iter_values(arguments: Any, path: str) -> Iterator[Any]:
    """Yield the values at a path: one for each element of a list on the way, and None where there is nothing."""
    first, _, rest = path.partition(".")
    value = arguments.get(first) if isinstance(arguments, Mapping) else None
    if not rest:
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from iter_values(item, rest)
    else:
        yield from iter_values(value, rest)


def has_argument(schema: Mapping[str, Any], path: str) -> bool:
    """Whether a tool whose input has this JSON schema takes an argument with this path."""
    return _has_path(schema, path, schema.get("$defs", {}))


def _has_path(schema: Mapping[str, Any], path: str, definitions: Mapping[str, Any]) -> bool:
    first, _, rest = path.partition(".")
    for candidate in _iter_object_schemas(schema, definitions):
        inner = candidate.get("properties", {}).get(first, candidate.get("additionalProperties", False))
        if inner is False:
            continue
        if not rest or inner is True or _has_path(inner, rest, definitions):
            return True
    return False


def _iter_object_schemas(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the schemas of the objects that a value may be, or that may be elements of a list."""
    if "$ref" in schema:
        yield from _iter_object_schemas(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    for kind in ("anyOf", "oneOf", "allOf"):
        for alternative in schema.get(kind, ()):
            yield from _iter_object_schemas(alternative, definitions)
    if isinstance(items := schema.get("items"), Mapping):
        yield from _iter_object_schemas(items, definitions)
    if "properties" in schema or "additionalProperties" in schema:
        yield schema
