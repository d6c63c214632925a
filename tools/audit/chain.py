"""The MACs of the audit: the keys, a row as a link of its subject's chain, and an anchor over many chains' heads.

The keys are outside the database: somebody who can only change rows cannot compute MACs. A key is derived from
NETRA_AUDIT_KEY, or from the secret key without one (docs/audit.md). A row names its key, so that rows under former keys
can be checked."""

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

ROW_FORM = "netra.audit.row.1"
ANCHOR_FORM = "netra.audit.anchor.1"
"""The text under a MAC begins with its form, so that no other MAC passes for a row's or an anchor's."""

COST_PRECISION = Decimal("0.00000001")  # of a stored cost


@dataclass(frozen=True, slots=True)
class ChainKey:
    secret: bytes = field(repr=False)
    name: str

    def compute_mac(self, text: str) -> str:
        """Return the MAC as hex digits."""
        return hmac.digest(self.secret, text.encode(), "sha256").hex()

    def compute_mac_of_lines(self, lines: Iterable[str]) -> str:
        """Return the MAC of lines without line breaks, which need not fit into memory together."""
        mac = hmac.new(self.secret, digestmod="sha256")
        for line in lines:
            mac.update(f"{line}\n".encode())
        return mac.hexdigest()


def get_chain_key() -> ChainKey:
    """Return the key of new MACs."""
    return _derive_key(settings.AUDIT_KEYS[0] if settings.AUDIT_KEYS else settings.SECRET_KEY)


def get_known_keys() -> dict[str, ChainKey]:
    """Return all keys that a MAC may have been made with, by name; the current one first."""
    sources = (*settings.AUDIT_KEYS, settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return {key.name: key for key in map(_derive_key, sources)}


def _derive_key(source: str) -> ChainKey:
    secret = hmac.digest(source.encode(), b"netra audit chain", hashlib.sha256)
    return ChainKey(secret, hmac.digest(secret, b"name", hashlib.sha256).hex()[:8])


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainLink:
    """The columns of an AuditRow, in the order in which they go into the MAC."""

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


LINK_COLUMNS = tuple(column.name for column in fields(ChainLink))

_JSON_ENCODER = json.JSONEncoder(
    separators=(",", ":")
)  # made once: `json.dumps` with separators makes one at each call
_get_values_under_mac = attrgetter(*LINK_COLUMNS[:-1])


def seal_link(link: ChainLink, key: ChainKey) -> ChainLink:
    """Return the link with its MAC."""
    return replace(link, mac=compute_link_mac(link, key))


def compute_link_mac(link: ChainLink, key: ChainKey) -> str:
    """Return the MAC of a JSON array of the columns: in one, no text can be moved from a column to the next."""
    return key.compute_mac(
        _JSON_ENCODER.encode([ROW_FORM, *[_to_plain(value) for value in _get_values_under_mac(link)]])
    )


def _to_plain(value: Any) -> Any:
    """Return the value in a form that is the same after any database has stored it."""
    kind = type(value)
    if kind is str or kind is int or kind is float:
        return value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, Decimal):
        return f"{value.quantize(COST_PRECISION):f}"
    raise Defect(f"an audit row contains a {kind.__name__}, which cannot go into a MAC")


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadSnapshot:
    """A head of a subject's chain at the moment when it was anchored."""

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
        """Return the anchor as a line of JSON for the file."""
        return json.dumps({**self._to_plain(), "mac": self.mac})

    def _to_plain(self) -> dict[str, Any]:
        at = self.at.astimezone(UTC).isoformat(timespec="microseconds")
        return {"seq": self.seq, "at": at, "rows": self.rows, "key": self.key, "previous": self.previous}

    def compute_mac(self, heads: Iterable[HeadSnapshot], key: ChainKey) -> str:
        """Return the MAC of the anchor and its heads, which are in the order of their subjects."""
        return key.compute_mac_of_lines(self._iter_lines(heads))

    def _iter_lines(self, heads: Iterable[HeadSnapshot]) -> Iterable[str]:
        yield json.dumps([ANCHOR_FORM, *self._to_plain().values()])
        for head in heads:
            yield json.dumps([head.subject, head.seq, head.mac])


def seal_anchor(anchor: Anchor, heads: Iterable[HeadSnapshot], key: ChainKey) -> Anchor:
    """Return the anchor with its MAC."""
    return replace(anchor, mac=anchor.compute_mac(heads, key))
