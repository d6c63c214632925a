"""One row as a link of its subject's chain: its mac covers every column and the mac before. Pure."""

import json
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from tools.audit.keys import ChainKey

FORM = "netra.audit.row.1"
"""Begins what a mac is made of, so that no mac of anything else passes for a row's."""

CENTS = Decimal("0.00000001")  # what is kept of a cost


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """The columns of an AuditRow, in the order in which they go into the mac."""

    subject: str
    seq: int
    actor: str
    run: str
    agent: str
    tool: str
    arguments: str
    result: str
    rule: str
    rule_version: int
    outcome: str
    code: str
    duration_ms: float
    cost: Decimal
    at: datetime
    key: str
    previous: str
    mac: str

    def values(self) -> list[Any]:
        return [getattr(self, name) for name in COLUMNS]


COLUMNS = tuple(each.name for each in fields(Link))


def sealed(link: Link, key: ChainKey) -> Link:
    """The same with its mac."""
    return replace(link, mac=mac_of(link, key))


def mac_of(link: Link, key: ChainKey) -> str:
    """A JSON array is unambiguous: no text can be moved from one column to the next."""
    *values, _ = link.values()
    return key.mac(json.dumps([FORM, *map(_plain, values)], separators=(",", ":")))


def _plain(value: Any) -> Any:
    """As it is again when it comes out of whatever database."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, Decimal):
        return f"{value.quantize(CENTS):f}"
    return value
