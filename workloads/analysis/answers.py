"""Answers about a log as JSON text, and back: exact to the last digit, sentences still sayable in any language."""

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any, TypeVar, cast

from pydantic import TypeAdapter

from netra.language.saying import kept
from workloads.combine import Combination, Guard
from workloads.estimate import Estimate
from workloads.extent import Extent
from workloads.prices import Assumptions, Prices
from workloads.privacy import PrivateWords
from workloads.profile import Profile
from workloads.replay import PrefixCache
from workloads.schema import Source
from workloads.spend import Spend

T = TypeVar("T")

Question = tuple[object, ...]
"""What is asked of a log, as workloads.analysis numbers it: ("spend",), ("estimate", "batch")."""

MOST_BYTES = 16 << 20
"""Of answers that come from a child or lie on the disk: a process that serves others takes no more."""

KINDS: Mapping[type, TypeAdapter[Any]] = MappingProxyType(
    {
        kind: TypeAdapter(kind)
        for kind in (
            *(Source, Prices, Extent, Profile, Spend, PrefixCache, Estimate, Combination, Guard),
            PrivateWords,
            Assumptions,
        )
    }
)
"""The kinds of answers there are, and what a question needs beside itself."""


def plain(answer: object) -> Any:
    """An answer as dicts, lists and scalars."""
    return _plain(kept(answer))


def dump(plain_answers: Any) -> str:
    return json.dumps(plain_answers, default=_tagged)


def load(text: str | bytes) -> Any:
    """Plain answers again, of what `dump` wrote. Raises ValueError."""
    return json.loads(text, object_hook=_untagged)


def revive(found: Any, kind: type[T]) -> T:
    """An answer of that kind, one of KINDS, of its plain form. Raises ValueError."""
    return cast("T", KINDS[kind].validate_python(found))


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, tuple | list | frozenset):
        return [_plain(each) for each in (sorted(value) if isinstance(value, frozenset) else value)]
    return value


def _tagged(value: object) -> Any:
    """What JSON has no word for; the exact type comes back, as figures are compared to the last digit."""
    match value:
        case Decimal():
            return {"$decimal": str(value)}
        case datetime():
            return {"$datetime": value.isoformat()}
    raise TypeError(f"{type(value).__name__} cannot be kept")


def _untagged(data: dict[str, Any]) -> Any:
    match data:
        case {"$decimal": text, **rest} if not rest:
            return Decimal(text)
        case {"$datetime": text, **rest} if not rest:
            return datetime.fromisoformat(text)
    return data
