"""Limits on arguments: `{"argument": {"max": 10, "min": 1, "in": [...], "not_in": [...], "max_length": 100}}`.

A list is within `max`, `min`, `in` and `not_in` where each of its elements is; `max_length` counts the characters of a
text, the elements of a list or the entries of an object. Nothing (missing, or null) is no number and, unless it is
listed, in no list: who bounds an argument does not mean "or none at all, which is all of it".
"""

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from netra.core.exceptions import BadInput
from netra.language.text import Text, joined, text
from tools.policy.paths import has_argument, values_at


def check_form(limits: Any) -> None:
    """Raises BadInput, in plain words, for what are no limits."""
    if not isinstance(limits, dict):
        raise BadInput(text("Limits are an object, as in {example}.", example='{"name": {"max_length": 40}}'))
    for path, bounds in limits.items():
        if not all(path.split(".")):
            raise BadInput(text("{path} names no argument: write name, or outer.inner.", path=repr(path)))
        if not isinstance(bounds, dict) or not bounds:
            raise BadInput(text("{path}: say what holds, as in {example}.", path=path, example='{"max": 10}'))
        for kind, bound in bounds.items():
            if kind not in KINDS:
                kinds = ", ".join(KINDS)
                raise BadInput(
                    text("{path}: {kind} is no limit. There are: {kinds}.", path=path, kind=repr(kind), kinds=kinds)
                )
            if not _FITS[kind](bound):
                raise BadInput(text("{path}: {kind} takes {what}.", path=path, kind=kind, what=_TAKES[kind]))


def check_arguments_exist(limits: Mapping[str, Any], schema: Mapping[str, Any], tool: str) -> None:
    """Raises BadInput where a limit is on what the tool does not have."""
    for path in limits:
        if not has_argument(schema, path):
            known = ", ".join(sorted(schema.get("properties", {}))) or text("none")
            raise BadInput(text("{tool} has no argument {path}. It has: {known}.", tool=tool, path=path, known=known))


def broken(limits: Mapping[str, Any], arguments: Mapping[str, Any]) -> Text | None:
    """What is wrong, as the rest of a sentence; None where all limits hold. Raises BadInput for what are no limits."""
    check_form(limits)
    for path, bounds in limits.items():
        for kind, bound in bounds.items():
            if not all(_HOLDS[kind](value, bound) for value in values_at(arguments, path)):
                return _SAID[kind](path, bound)
    return None


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _same(one: Any, other: Any) -> bool:
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def _listed(value: Any, choices: list[Any]) -> bool:
    return any(_same(value, each) for each in choices)


def _each(holds: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def all_hold(value: Any, bound: Any) -> bool:
        return all(all_hold(each, bound) for each in value) if isinstance(value, list) else holds(value, bound)

    return all_hold


def _short(value: Any, most: int) -> bool:
    if value is None:
        return True
    return len(value) <= most if isinstance(value, str | list | dict) else len(str(value)) <= most


def _among(bound: list[Any]) -> Text:
    return joined(", ", (text("nothing") if each is None else str(each) for each in bound))


_HOLDS: Mapping[str, Callable[[Any, Any], bool]] = MappingProxyType(
    {
        "max": _each(lambda value, bound: _number(value) and value <= bound),
        "min": _each(lambda value, bound: _number(value) and value >= bound),
        "in": _each(_listed),
        "not_in": _each(lambda value, bound: not _listed(value, bound)),
        "max_length": _short,
    }
)
_SAID: Mapping[str, Callable[[str, Any], Text]] = MappingProxyType(
    {
        "max": lambda path, bound: text("{argument} must be {bound} or less", argument=path, bound=bound),
        "min": lambda path, bound: text("{argument} must be {bound} or more", argument=path, bound=bound),
        "in": lambda path, bound: text("{argument} must be one of: {values}", argument=path, values=_among(bound)),
        "not_in": lambda path, bound: text("{argument} must be none of: {values}", argument=path, values=_among(bound)),
        "max_length": lambda path, bound: text("{argument} must be no longer than {bound}", argument=path, bound=bound),
    }
)
_FITS: Mapping[str, Callable[[Any], bool]] = MappingProxyType(
    {
        "max": _number,
        "min": _number,
        "in": lambda bound: isinstance(bound, list) and bool(bound),
        "not_in": lambda bound: isinstance(bound, list) and bool(bound),
        "max_length": lambda bound: isinstance(bound, int) and _number(bound) and bound >= 0,
    }
)
_TAKES: Mapping[str, Text] = MappingProxyType(
    {
        "max": text("a number"),
        "min": text("a number"),
        "in": text("a list with something in it"),
        "not_in": text("a list with something in it"),
        "max_length": text("a whole number, 0 or more"),
    }
)
KINDS = tuple(_HOLDS)
