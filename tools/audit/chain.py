"""The MACs of the audit: the keys, a row as a link of its subject's chain, and an anchor over many chains' heads.

The keys are outside the database: who can only change rows cannot make MACs. NETRA_AUDIT_KEY where it is given, else a
key derived from the secret key (docs/audit.md). A row names its key, so that rows under former keys can be checked."""

import hashlib
import hmac
import json
from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from decimal import Decimal
from operator import attrgetter
from typing import Any

from django.conf import settings

from core.exceptions import Defect


@dataclass(frozen=True, slots=True)
class ChainKey:
    secret: bytes = field(repr=False)
    name: str

    def compute_mac(self, text: str) -> str:
        """Hex digits."""
        return hmac.digest(self.secret, text.encode(), "sha256").hex()

    def compute_mac_of_lines(self, lines: Iterable[str]) -> str:
        """The same for more than fits into memory; no line holds a line break."""
        made = hmac.new(self.secret, digestmod="sha256")
        for line in lines:
            made.update(f"{line}\n".encode())
        return made.hexdigest()


def get_chain_key() -> ChainKey:
    """The one that new macs are made with."""
    return _derive_key(settings.AUDIT_KEYS[0] if settings.AUDIT_KEYS else settings.SECRET_KEY)


def get_known_keys() -> dict[str, ChainKey]:
    """All that a mac may have been made with, by name; the present one first."""
    given = (*settings.AUDIT_KEYS, settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return {key.name: key for key in map(_derive_key, given)}


def _derive_key(given: str) -> ChainKey:
    secret = hmac.digest(given.encode(), b"netra audit chain", hashlib.sha256)
    return ChainKey(secret, hmac.digest(secret, b"name", hashlib.sha256).hex()[:8])


ROW_FORM = "netra.audit.row.1"
"""Begins what a mac is made of, so that no mac of anything else passes for a row's."""

COST_PRECISION = Decimal("0.00000001")  # what is kept of a cost


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainLink:
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
        return [getattr(self, name) for name in LINK_COLUMNS]


LINK_COLUMNS = tuple(each.name for each in fields(ChainLink))

_JSON_ENCODER = json.JSONEncoder(separators=(",", ":"))  # made once: `json.dumps` makes one at each call that says how
_get_values_under_mac = attrgetter(*LINK_COLUMNS[:-1])


def seal_link(link: ChainLink, key: ChainKey) -> ChainLink:
    """The same with its mac."""
    return replace(link, mac=compute_link_mac(link, key))


def compute_link_mac(link: ChainLink, key: ChainKey) -> str:
    """A JSON array is unambiguous: no text can be moved from one column to the next."""
    return key.compute_mac(
        _JSON_ENCODER.encode([ROW_FORM, *[_to_plain(value) for value in _get_values_under_mac(link)]])
    )


def _to_plain(value: Any) -> Any:
    """As it is again when it comes out of whatever database."""
    kind = type(value)
    if kind is str or kind is int or kind is float:
        return value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, Decimal):
        return f"{value.quantize(COST_PRECISION):f}"
    raise Defect(f"a row of the audit holds a {kind.__name__}, which no mac is made of")


ANCHOR_FORM = "netra.audit.anchor.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadSnapshot:
    """Where a subject's chain stood when it was anchored."""

    subject: str
    seq: int
    mac: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """The columns of an AuditAnchor."""

    seq: int
    at: datetime
    rows: int
    key: str
    previous: str
    mac: str

    def to_line(self) -> str:
        """As it stands in the file: JSON."""
        return json.dumps({**self._to_plain(), "mac": self.mac})

    def _to_plain(self) -> dict[str, Any]:
        at = self.at.astimezone(UTC).isoformat(timespec="microseconds")
        return {"seq": self.seq, "at": at, "rows": self.rows, "key": self.key, "previous": self.previous}

    def compute_mac(self, marks: Iterable[HeadSnapshot], key: ChainKey) -> str:
        """`marks` in the order of their subjects."""
        return key.compute_mac_of_lines(self._iter_lines(marks))

    def _iter_lines(self, marks: Iterable[HeadSnapshot]) -> Iterable[str]:
        yield json.dumps([ANCHOR_FORM, *self._to_plain().values()])
        for mark in marks:
            yield json.dumps([mark.subject, mark.seq, mark.mac])


def seal_anchor(seal: Anchor, marks: Iterable[HeadSnapshot], key: ChainKey) -> Anchor:
    """The same with its mac."""
    return replace(seal, mac=seal.compute_mac(marks, key))
