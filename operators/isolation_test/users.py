"""The users of a self-test: made for its time, removed with all that is theirs."""

import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from django.contrib.auth.hashers import make_password
from knox.models import AuthToken

from netra.accounts.erasure import Patience, erase
from netra.core.exceptions import OperatorError
from netra.core.models import User
from netra.selftest.canaries import fresh_canary
from netra.selftest.person import PREFIX, Person
from netra.selftest.roll import Entry, enrolled, left_behind, rolls
from workloads.models import Upload, Workload

# Their sockets are closed; only where the self-test was broken off are there runs to wait for.
PATIENCE = Patience(pages=0, runs=10, quiet=0.5)


@contextmanager
def guests(count: int, seconds: float, data_dir: Path) -> Iterator[tuple[Person, ...]]:
    """That many users for the time of the block. However it is left, they go; after a kill -9, at the next start."""
    remove_leftovers(data_dir)
    entries = _entries(count)
    with enrolled(entries, data_dir) as roll:
        try:
            yield tuple(_made(entry, seconds) for entry in entries)
        finally:
            _remove_all(entries, data_dir)
            roll.unlink()


def remove_leftovers(data_dir: Path) -> int:
    """Remove whom a killed self-test left. Returns how many were named; one at work keeps its own."""
    named = 0
    for roll in rolls(data_dir):
        with left_behind(roll) as entries:
            _remove_all(entries, data_dir)
            named += len(entries)
    return named


def remove(entry: Entry, data_dir: Path) -> None:
    """Remove one user of a self-test and all that is theirs. Removing twice is removing once."""
    user = User.objects.filter(id=entry.user_id, username=entry.name).first()
    if user is not None and not _is_ours(user):
        return  # somebody has made a person of it
    if user is not None:
        erase(user, data_dir, PATIENCE)
    for folder in _folders(entry.user_id, data_dir):
        shutil.rmtree(folder, ignore_errors=True)


def _remove_all(entries: Iterable[Entry], data_dir: Path) -> None:
    """Everybody, also where one cannot be; then OperatorError."""
    trouble: OperatorError | None = None
    for entry in entries:
        try:
            remove(entry, data_dir)
        except OperatorError as error:
            trouble = error
    if trouble is not None:
        raise trouble


def _is_ours(user: User) -> bool:
    plain = not (user.is_staff or user.is_superuser or user.has_usable_password())
    return plain and user.username.startswith(PREFIX)


def _entries(count: int) -> tuple[Entry, ...]:
    """Ids that begin alike: code that shortens one, for a group or a file name, mixes these users up."""
    alike = secrets.token_bytes(4)
    ids = [UUID(bytes=alike + secrets.token_bytes(12), version=4) for _ in range(count)]
    return tuple(Entry(user_id=each, name=f"{PREFIX}{secrets.token_hex(6)}") for each in ids)


def _made(entry: Entry, seconds: float) -> Person:
    user = User.objects.create(id=entry.user_id, username=entry.name, password=make_password(None))
    # Longer than the self-test can take, and then worth nothing, whatever became of it.
    _, token = AuthToken.objects.create(user, expiry=timedelta(seconds=seconds + 3600))
    return Person(user_id=entry.user_id, name=entry.name, token=token, canary=fresh_canary())


def _folders(user_id: UUID, data_dir: Path) -> tuple[Path, ...]:
    return (Workload(owner_id=user_id).path(data_dir).parent, Upload(owner_id=user_id).path(data_dir).parent)
