"""What was computed from users' logs, kept in this process: an equal question of a later run finds it computed,
converted and formatted.

Whatever is kept belongs to one owner's log in one state, and is reached only through the `KeptLog` of that owner and
log. It is bounded, it ends with the process, and it is dropped once its log is deleted or read again. For the event
loop only."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from core.concurrency.background import poll_forever
from core.concurrency.database_threads import DatabaseExecutor
from core.db import as_all_users
from workloads.log_record import LogRecord
from workloads.models import Workload, WorkloadState
from workloads.pricing.assumptions import Assumptions

MAX_BYTES = 64 << 20
MAX_LOG_BYTES = 4 << 20
"""How much is kept of all logs, and of one, by the size of the values as JSON; as objects they take several times as
much."""
MAX_STATES = 4
"""States of one log of which something is kept: other assumptions, another day."""
SWEEP_SECONDS = 10.0

LogKey = tuple[UUID, UUID]
"""The owner of a log, and the log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogIdentity:
    """All that an answer about a log depends on besides the question and the code, which stays the same for a process.

    `attempt` and `imported` identify the read file, `price_file` the operator's file.
    """

    attempt: int
    imported: Any
    name: str
    size: int
    assumptions: Assumptions
    invoice: UUID | None
    price_file: tuple[int, ...]
    day: date


def identify_log(log: LogRecord, assumptions: Assumptions, price_file: Path | None, day: date) -> LogIdentity | None:
    """Return the state of a log; None if it can't be asked about."""
    workload = log.workload
    if workload.state != WorkloadState.READY:
        return None
    return LogIdentity(
        attempt=workload.attempt,
        imported=workload.imported,
        name=workload.name,
        size=workload.size,
        assumptions=assumptions,
        # An invoice is never changed: another one has another id.
        invoice=None if log.invoice is None else log.invoice.id,
        price_file=_identify_file(price_file),
        day=day,
    )


def _identify_file(path: Path | None) -> tuple[int, ...]:
    try:
        status = None if path is None else path.stat()
    except OSError:
        return (-1,)  # whoever reads it says what is wrong
    return () if status is None else (status.st_size, status.st_mtime_ns, status.st_ino)


@dataclass(slots=True)
class _LogEntries:
    """What is kept of a log, by its states, the oldest first; `size` is in bytes."""

    states: list[tuple[LogIdentity, dict[Hashable, object]]] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)

    @property
    def size(self) -> int:
        return sum(self.sizes)

    def open_state(self, identity: LogIdentity) -> dict[Hashable, object]:
        """Return the values of a state, which is added if it is new: then the oldest makes room."""
        found = next((values for known, values in self.states if known == identity), None)
        if found is not None:
            return found
        if len(self.states) >= MAX_STATES:
            self.drop_oldest()
        self.states.append((identity, {}))
        self.sizes.append(0)
        return self.states[-1][1]

    def drop_oldest(self) -> None:
        del self.states[0], self.sizes[0]

    def add(self, values: dict[Hashable, object], key: Hashable, value: object, size: int) -> bool:
        """Add a value to a state, for which older states make room. Return False if it is not kept."""
        place = self._find_place(values)
        if place is None or key in values:
            return False
        while place > 0 and self.size + size > MAX_LOG_BYTES:
            self.drop_oldest()
            place -= 1
        if self.size + size > MAX_LOG_BYTES:
            return False
        values[key] = value
        self.sizes[place] += size
        return True

    def _find_place(self, values: dict[Hashable, object]) -> int | None:
        return next((place for place, (_, known) in enumerate(self.states) if known is values), None)


class KeptLog:
    """What is kept of one owner's log in one state. Values are shared by runs: whoever gets one must not change it."""

    __slots__ = ("_add", "_values")

    def __init__(self, values: dict[Hashable, object], add: Callable[[Hashable, object, int], bool]) -> None:
        self._values = values
        self._add = add

    def get(self, key: Hashable) -> object | None:
        return self._values.get(key)

    def put(self, key: Hashable, value: object, size: int, *, part: object = None) -> None:
        """Keep a value of about so many bytes, if there is room. `part`: of it, by which others may be found."""
        if self._add(key, value, size) and part is not None:
            self._values[_name_part(part)] = part

    def has_part(self, value: object) -> bool:
        """Whether this very object is kept, as a part of a value."""
        return self._values.get(_name_part(value)) is value


def _name_part(value: object) -> Hashable:
    # The object is kept under it, so no other can have its id.
    return ("part", id(value))


class KeptValues:
    """The kept values of one process. Of the logs that have most, the one that was asked least recently makes room."""

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._logs: OrderedDict[LogKey, _LogEntries] = OrderedDict()
        self._size = 0

    @property
    def size(self) -> int:
        """In bytes."""
        return self._size

    def list_logs(self) -> list[LogKey]:
        return list(self._logs)

    def open(self, owner_id: UUID, workload_id: UUID, identity: LogIdentity) -> KeptLog:
        """Return what is kept of a log, whose owner the caller has checked."""
        key = (owner_id, workload_id)
        log = self._logs.setdefault(key, _LogEntries())
        self._logs.move_to_end(key)
        before = log.size
        values = log.open_state(identity)
        self._size += log.size - before

        def add(name: Hashable, value: object, size: int) -> bool:
            # Not once it was dropped.
            return self._logs.get(key) is log and self._add(log, values, name, value, size)

        return KeptLog(values, add)

    def forget(self, key: LogKey) -> None:
        """Drop all that is kept of a log, also from the runs that still use it."""
        log = self._logs.pop(key, None)
        if log is None:
            return
        self._size -= log.size
        for _, values in log.states:
            values.clear()

    def _add(self, log: _LogEntries, values: dict[Hashable, object], name: Hashable, value: object, size: int) -> bool:
        before = log.size
        is_kept = log.add(values, name, value, size)
        self._size += log.size - before
        while self._size > self._max_bytes and self._logs:
            self.forget(next(iter(self._logs)))
        return is_kept

    async def forget_deleted_logs(self, database: DatabaseExecutor) -> None:
        """Drop what is kept of logs that are gone, in this process or another, or whose file has changed."""
        if not self._logs:
            return
        attempts = {key: max(known.attempt for known, _ in log.states) for key, log in self._logs.items() if log.states}
        current = await database.run(self, _load_attempts, [workload_id for _, workload_id in attempts])
        for key, attempt in attempts.items():
            if current.get(key) != attempt:
                self.forget(key)

    async def run(self, database: DatabaseExecutor) -> None:
        """Drop what is kept of deleted logs, again and again."""
        await poll_forever(
            lambda: self.forget_deleted_logs(database), asyncio.Event(), seconds=SWEEP_SECONDS, name="forgetting logs"
        )


def _load_attempts(workload_ids: list[UUID]) -> dict[LogKey, int]:
    """Return the number of the last attempt at reading each log that still exists."""
    with as_all_users():
        rows = Workload.objects.filter(id__in=workload_ids).values_list("owner_id", "id", "attempt")
        return {(owner_id, workload_id): attempt for owner_id, workload_id, attempt in rows}
