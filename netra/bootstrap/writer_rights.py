"""Rights of the stream's writer in the database: to add the rows of any user, and read nothing that users wrote.

Its batches are of many users, so no policy can confine it to one; what it can't read, it can't pass on."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Self


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRights:
    """`reads` and `changes` are columns; `()` is none. Adding a row reads its new key where the database makes it."""

    adds: bool = False
    reads: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()
    deletes: bool = False

    def limit_to(self, columns: Collection[str]) -> Self:
        """Return the rights to those columns that are there."""
        reads, changes = (tuple(name for name in of if name in columns) for of in (self.reads, self.changes))
        return replace(self, reads=reads, changes=changes)

    def list_commands(self) -> tuple[str, ...]:
        """Return the commands that a policy must allow."""
        allowed = {"SELECT": self.reads, "INSERT": self.adds, "UPDATE": self.changes, "DELETE": self.deletes}
        return tuple(command for command, is_allowed in allowed.items() if is_allowed)

    def list_grants(self) -> tuple[str, ...]:
        """Return what GRANT names. Columns are ours, never a user's: they need no quoting."""
        columns = {"SELECT": self.reads, "UPDATE": self.changes}
        whole = tuple(name for name, is_given in (("INSERT", self.adds), ("DELETE", self.deletes)) if is_given)
        return whole + tuple(f"{name} ({', '.join(of)})" for name, of in columns.items() if of)


ADDS_ROWS = TableRights(adds=True, reads=("id",))
"""For keys that the database counts."""

WRITER_RIGHTS: Mapping[str, TableRights] = {
    "core.User": TableRights(reads=("id",)),
    "core.Event": TableRights(adds=True),
    "core.UserStream": TableRights(adds=True, reads=("owner_id", "epoch", "head"), changes=("head",)),
    "agents.Run": TableRights(
        reads=("id", "owner_id", "attempt", "state"),
        changes=("state", "ended_at", "ending", "degraded", "error"),
    ),
    "agents.Step": ADDS_ROWS,
    "tools.CallResult": ADDS_ROWS,
    "quota.Slot": TableRights(reads=("id", "given_back_at"), changes=("given_back_at",)),
    "spending.Hold": TableRights(reads=("id",), deletes=True),
    "spending.Spend": ADDS_ROWS,
    "spending.DaySpend": TableRights(adds=True, reads=("owner_id", "day", "kind", "name", "cost"), changes=("cost",)),
    # The audit's own rows have pseudonyms and digests, and no user's text.
    "audit.AuditSubject": TableRights(adds=True, reads=("owner_id", "subject", "key")),
    "audit.AuditHead": TableRights(adds=True, reads=("subject", "seq", "mac"), changes=("seq", "mac")),
    "audit.AuditRow": ADDS_ROWS,
}
"""By model."""
