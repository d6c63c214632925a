"""One row as a link of its subject's chain: its mac covers every column and the mac before. Pure."""

import json
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from decimal import Decimal
from operator import attrgetter
from typing import Any

from netra.core.exceptions import Defect
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

_JSON = json.JSONEncoder(separators=(",", ":"))  # made once: `json.dumps` makes one at each call that says how
_SEALED = attrgetter(*COLUMNS[:-1])


def sealed(link: Link, key: ChainKey) -> Link:
    """The same with its mac."""
    return replace(link, mac=mac_of(link, key))


def mac_of(link: Link, key: ChainKey) -> str:
    """A JSON array is unambiguous: no text can be moved from one column to the next."""
    return key.mac(_JSON.encode([FORM, *[_plain(value) for value in _SEALED(link)]]))


def _plain(value: Any) -> Any:
    """As it is again when it comes out of whatever database."""
    kind = type(value)
    if kind is str or kind is int or kind is float:
        return value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, Decimal):
        return f"{value.quantize(CENTS):f}"
    raise Defect(f"a row of the audit holds a {kind.__name__}, which no mac is made of")
