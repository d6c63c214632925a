"""Erase a user: their rows and files, and what refers to them elsewhere (the admin's log, ids, `…_by` columns).

The account is deleted last, so that an interrupted erasure can be repeated by name."""

import json
import re
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.db import transaction
from django.db.models import CharField, Model, Q, QuerySet, UUIDField
from knox.models import AuthToken

from accounts.sessions import end_sessions
from agents.locks import lock_all_rows
from agents.user_data import (
    cancel_all_runs,
    count_leased_runs,
    delete_all_data,
    is_reading_workload,
    list_files,
    list_run_and_workload_ids,
)
from core.db import as_user, iter_user_foreign_keys, retry_on_conflict, secure_delete
from core.exceptions import OperatorError
from core.files import remove_path
from core.i18n.text import text
from core.models import Owned, User
from core.retention import Garbage


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasureTimeouts:
    """How long others are waited for, in seconds: open pages that are sent away, runs that are asked to stop, and the
    disk, which is quiet once no worker has put anything there for that long."""

    pages: float = 1.5
    runs: float = 10.0
    quiet: float = 2.0
    disk: float = 30.0


def preview_erasure(user: User, data_dir: Path) -> tuple[Garbage, ...]:
    """What would go."""
    files = list_files(user.id, list_run_and_workload_ids(user.id), data_dir)
    with as_user(user.id):
        rows = [
            Garbage(what=text("rows of {kind}", kind=str(model._meta.verbose_name_plural)), count=count)
            for model, column in iter_user_foreign_keys()
            if (count := model._base_manager.filter(**{column: user.id}).count())
        ]
    log = Garbage(
        what=text("entries of the admin's log that are by them or name them"), count=find_log_entries(user).count()
    )
    disk = Garbage(what=text("folders on the disk"), count=len(files), size=sum(each.size for each in files))
    return (*rows, log, disk)


def erase_user(user: User, data_dir: Path, patience: ErasureTimeouts = ErasureTimeouts()) -> None:
    """Also beside running servers: what they hold of the user loses its rows.

    Raises OperatorError where a worker does not leave the disk alone; the account is gone then, as are all rows.
    """
    ids = list_run_and_workload_ids(user.id)
    with secure_delete():
        _revoke_access(user)
        time.sleep(patience.pages)
        busy = bool(count_leased_runs(user.id)) or is_reading_workload(user.id)
        cancel_all_runs(user.id, patience=patience.runs)
        ids |= list_run_and_workload_ids(user.id)
        # While its rows still tell what they are called; and once more for what a worker put there meanwhile.
        _remove_files(user.id, ids, data_dir)
        delete_all_data(user.id, data_dir)
        _remove_files(user.id, ids, data_dir)
        _delete_account(user)
    _remove_until_quiet(user.id, ids, data_dir, patience, busy=busy)


def _revoke_access(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)
    AuthToken.objects.filter(user_id=user.pk).delete()
    end_sessions(user)


@retry_on_conflict
def _delete_account(user: User) -> None:
    with as_user(user.pk), transaction.atomic():
        lock_all_rows(user.pk)
        # Held last, and wholly, so that nobody adds a row of theirs in this moment: who holds something of the above
        # would wait for the account at its end, and we for that.
        list(User.objects.select_for_update().filter(pk=user.pk))
        find_log_entries(user).delete()
        clear_references(user)
        User.objects.filter(pk=user.pk).delete()
    end_sessions(user)  # of a sign-in that was under way when the door was closed


def _remove_files(user_id: UUID, ids: Collection[UUID], data_dir: Path) -> bool:
    there = list_files(user_id, ids, data_dir)
    for each in there:
        remove_path(each.path)
    return bool(there)


def _remove_until_quiet(
    user_id: UUID, ids: Collection[UUID], data_dir: Path, patience: ErasureTimeouts, *, busy: bool
) -> None:
    """A worker that has just lost a run or a log may put one more file where it worked, and then stops."""
    begun = last = time.monotonic()
    while True:
        now = time.monotonic()
        if _remove_files(user_id, ids, data_dir):
            last = now
        elif not busy or now - last >= patience.quiet:
            return
        if now - begun > patience.disk:
            raise OperatorError(
                "The account and its rows are erased, but something keeps writing files of theirs: "
                "stop the servers, then run manage.py prune --yes in an hour."
            )
        time.sleep(0.1)


def clear_references(user: User) -> int:
    """In the caller's transaction. Returns in how many rows the user was named."""
    return sum(
        model._base_manager.filter(**{column: mark}).update(**{column: instead})
        for model, column, mark, instead in _iter_reference_columns(user)
    )


def _iter_reference_columns(user: User) -> Iterator[tuple[type[Model], str, Any, Any]]:
    """Columns that may name the user: how they would, and what stands there afterwards."""
    for model in apps.get_models(include_auto_created=True):
        if model._meta.proxy or model is User:
            continue
        for field in model._meta.concrete_fields:
            if isinstance(field, CharField) and field.name.endswith("_by"):
                yield model, field.name, user.username, ""
            elif isinstance(field, UUIDField) and field.null and not issubclass(model, Owned):
                yield model, field.name, user.pk, None


def find_log_entries(user: User) -> "QuerySet[LogEntry]":
    """Also those about somebody else that hold the user's id, name or address as a word of what was changed."""
    marks = [str(user.pk), user.pk.hex, user.username, *([user.email] if user.email else [])]
    maybe = Q()
    for mark in marks:
        maybe |= Q(object_id=mark) | Q(object_repr__icontains=mark) | Q(change_message__icontains=mark)
    # As a word: whoever is called "an" is not named by "Changed"; escaped in JSON, an address may look different.
    word = re.compile("|".join(rf"(?<![\w.@+-]){re.escape(mark)}(?![\w@+-])" for mark in marks), re.IGNORECASE)
    escaped = LogEntry.objects.filter(maybe | Q(change_message__contains="\\u"))
    named = [entry.pk for entry in escaped.iterator() if any(word.search(text) for text in _iter_entry_texts(entry))]
    return LogEntry.objects.filter(Q(user_id=user.pk) | Q(pk__in=named))


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
    """The names of things in a message; not its own words, which may be somebody's name too."""
    if isinstance(message, str):
        yield message
    for part in message if isinstance(message, list) else ():
        for said in part.values() if isinstance(part, dict) else ():
            if isinstance(said, dict):
                yield str(said.get("object", ""))
