"""Erase a user: their rows and files, and what refers to them elsewhere (the admin's log, ids, `…_by` columns).

The account is deleted last, so that an interrupted erasure can be repeated by name."""

import json
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.db import connection, transaction
from django.db.models import CharField, Model, Q, QuerySet, UUIDField
from knox.models import AuthToken

from accounts.sessions import end_sessions
from agents.locks import lock_all_rows
from agents.user_data import (
    cancel_all_runs,
    count_running_runs,
    delete_all_data,
    is_reading_workload,
    list_files,
    list_run_and_workload_ids,
)
from core.db import as_all_users, iter_user_foreign_keys, retry_on_conflict
from core.exceptions import OperatorError, StorageFull, StoreUnavailable
from core.files import remove_path
from core.i18n.text import text
from core.jobs.queue import get_queue
from core.models import Owned, User
from core.retention import Garbage
from core.stream.append import Publish, publish_to_nobody
from core.uninstalled_tables import count_uninstalled_rows, delete_uninstalled_rows
from core.users import compile_mentions, list_identifiers
from workloads.files.base import LogFiles
from workloads.files.installed import get_log_files


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasureTimeouts:
    """Seconds to wait for open pages to be closed and runs to stop.

    The disk counts as quiet when no worker has written for `quiet` seconds; `disk` limits that wait.
    """

    pages: float = 1.5
    runs: float = 10.0
    quiet: float = 2.0
    disk: float = 30.0


def preview_erasure(user: User, data_dir: Path) -> tuple[Garbage, ...]:
    """Return what would be erased. Objects are not counted while their store is away; they are deleted later."""
    files = list_files(user.id, list_run_and_workload_ids(user.id), data_dir)
    with as_all_users():  # also what names the user in another's rows
        rows = [
            Garbage(what=text("rows of {kind}", kind=str(model._meta.verbose_name_plural)), count=count)
            for model, column in iter_user_foreign_keys()
            if (count := model._base_manager.filter(**{column: user.id}).count())
        ]
        rows += [
            Garbage(what=text("rows of the table {table}, whose app is not installed", table=table), count=count)
            for table, count in count_uninstalled_rows(user.id).items()
        ]
    log = Garbage(what=text("admin log entries by or about this user"), count=find_log_entries(user).count())
    disk = Garbage(what=text("folders on disk"), count=len(files), size=sum(each.size for each in files))
    return (*rows, log, disk, *_preview_objects(user.id, data_dir))


def _preview_objects(user_id: UUID, data_dir: Path) -> Iterator[Garbage]:
    try:
        count, size = get_log_files(data_dir).measure_user_objects(user_id)
    except StoreUnavailable:
        yield Garbage(what=text("objects in the file store, which can't be reached now"), count=0)
        return
    if count:
        yield Garbage(what=text("objects in the file store"), count=count, size=size)


def erase_user(
    user: User,
    data_dir: Path,
    timeouts: ErasureTimeouts = ErasureTimeouts(),
    *,
    publish: Publish = publish_to_nobody,
) -> None:
    """Erase a user, also while servers are running: their work for the user loses its rows.

    Raises OperatorError if a worker keeps writing files, or if the file store is away: its objects are deleted when it
    is back. The account and all rows are erased then.
    """
    ids, log_files = list_run_and_workload_ids(user.id), get_log_files(data_dir)
    with secure_delete():
        _revoke_access(user)
        time.sleep(timeouts.pages)
        busy = bool(count_running_runs(user.id)) or is_reading_workload(user.id)
        cancel_all_runs(user.id, timeout=timeouts.runs, publish=publish)
        ids |= list_run_and_workload_ids(user.id)
        # First while the rows still name the files, and again for what a worker has written meanwhile.
        _remove_files(user.id, ids, data_dir)
        delete_all_data(user.id, data_dir, publish=publish)
        _remove_files(user.id, ids, data_dir)
        _delete_account(user, log_files)
    _remove_until_quiet(user.id, ids, data_dir, timeouts, busy=busy)
    try:
        log_files.delete_user_objects(user.id)
    except (StoreUnavailable, StorageFull) as error:
        raise OperatorError(
            "The account and its rows have been erased, but the file store can't be reached. A server or worker "
            "deletes the user's files there as soon as it can."
        ) from error


@contextmanager
def secure_delete() -> Iterator[None]:
    """Let SQLite overwrite with zeros what is deleted within the block, and empty its journal at the end.

    On PostgreSQL it does nothing: (auto)vacuum does that there, and needs the tables' owner.
    """
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA secure_delete")
        (before,) = cursor.fetchone()
        cursor.execute("PRAGMA secure_delete = ON")
        try:
            yield
        finally:
            cursor.execute(f"PRAGMA secure_delete = {int(before)}")
        if not connection.in_atomic_block:
            # It waits for readers as long as for any lock; if one stays, the next checkpoint empties the journal.
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _revoke_access(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)
    AuthToken.objects.filter(user_id=user.pk).delete()
    end_sessions(user)


@retry_on_conflict
def _delete_account(user: User, log_files: LogFiles) -> None:
    with as_all_users(), transaction.atomic():
        lock_all_rows(user.pk)
        get_queue().abort_all(user.pk)
        log_files.queue_user_deletion(user.pk)
        # The account is locked last, so that nobody adds rows meanwhile. Locked earlier, it would cause deadlocks with
        # transactions that hold one of the rows above and then need the account.
        list(User.objects.select_for_update().filter(pk=user.pk))
        find_log_entries(user).delete()
        clear_references(user)
        delete_uninstalled_rows(user.pk)
        User.objects.filter(pk=user.pk).delete()
    end_sessions(user)  # of a sign-in that was in progress when access was revoked


def _remove_files(user_id: UUID, ids: Collection[UUID], data_dir: Path) -> bool:
    files = list_files(user_id, ids, data_dir)
    for each in files:
        remove_path(each.path)
    return bool(files)


def _remove_until_quiet(
    user_id: UUID, ids: Collection[UUID], data_dir: Path, timeouts: ErasureTimeouts, *, busy: bool
) -> None:
    """Remove files until none appear: a worker that has lost its run or log may write one more file before it stops."""
    started_at = last_found_at = time.monotonic()
    while True:
        now = time.monotonic()
        if _remove_files(user_id, ids, data_dir):
            last_found_at = now
        elif not busy or now - last_found_at >= timeouts.quiet:
            return
        if now - started_at > timeouts.disk:
            raise OperatorError(
                "The account and its rows have been erased, but a process still writes files of this user. "
                "Stop the servers, then run manage.py prune --yes in an hour."
            )
        time.sleep(0.1)


def clear_references(user: User) -> int:
    """Clear all references to the user, in the caller's transaction. Return the number of changed rows."""
    return sum(
        model._base_manager.filter(**{column: identifier}).update(**{column: replacement})
        for model, column, identifier, replacement in _iter_reference_columns(user)
    )


def _iter_reference_columns(user: User) -> Iterator[tuple[type[Model], str, Any, Any]]:
    """Yield the columns that may refer to the user, each with that reference and its replacement."""
    for model in apps.get_models(include_auto_created=True):
        if model._meta.proxy or model is User:
            continue
        for field in model._meta.concrete_fields:
            if isinstance(field, CharField) and field.name.endswith("_by"):
                yield model, field.name, user.username, ""
            elif isinstance(field, UUIDField) and field.null and not issubclass(model, Owned):
                yield model, field.name, user.pk, None


def find_log_entries(user: User) -> "QuerySet[LogEntry]":
    """Find entries of the admin's log by or about the user, or with the user's id, name or address as a word."""
    candidates = Q()
    for identifier in list_identifiers(user):
        candidates |= (
            Q(object_id=identifier) | Q(object_repr__icontains=identifier) | Q(change_message__icontains=identifier)
        )
    # Texts escaped in JSON are compared after decoding.
    word = compile_mentions(user)
    entries = LogEntry.objects.filter(candidates | Q(change_message__contains="\\u"))
    naming = [entry.pk for entry in entries.iterator() if any(word.search(text) for text in _iter_entry_texts(entry))]
    return LogEntry.objects.filter(Q(user_id=user.pk) | Q(pk__in=naming))


def _iter_entry_texts(entry: LogEntry) -> Iterator[str]:
    yield entry.object_id or ""
    yield entry.object_repr
    try:
        message = json.loads(entry.change_message or "[]")
    except ValueError:
        yield entry.change_message
        return
    yield from _iter_object_names(message)


def _iter_object_names(message: Any) -> Iterator[str]:
    """Yield the names of objects in a message, not its other words, which may equal a name."""
    if isinstance(message, str):
        yield message
    for part in message if isinstance(message, list) else ():
        for detail in part.values() if isinstance(part, dict) else ():
            if isinstance(detail, dict):
                yield str(detail.get("object", ""))
