"""Temporary users of an isolation test, and the registry on disk that names them before they are created.

After a killed test, the next one removes the users that the registry names. A name alone would prove nothing: a real
user may be called selftest-1. Users in no registry are never touched."""

import fcntl
import os
import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

from django.contrib.auth.hashers import make_password
from knox.models import AuthToken
from pydantic import TypeAdapter

from accounts.erasure import ErasureTimeouts, erase_user
from core.exceptions import OperatorError
from core.files import draft_file, private_dir
from core.models import User
from core.stream.append import publish_to_nobody
from operators.isolation_test.canaries import USERNAME_PREFIX, CanaryUser, create_canary
from workloads.models import Upload, Workload


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryEntry:
    user_id: UUID
    name: str


ENTRIES_ADAPTER = TypeAdapter(tuple[RegistryEntry, ...])
# Their sockets are closed by then. Only an aborted test leaves runs to wait for.
ERASURE_TIMEOUTS = ErasureTimeouts(pages=0, runs=10, quiet=0.5)


def get_registry_folder(data_dir: Path) -> Path:
    return data_dir / "selftest"


@contextmanager
def write_registry(entries: tuple[RegistryEntry, ...], data_dir: Path) -> Iterator[Path]:
    """Write a registry and hold its lock during the block. The caller removes its users, and then the file."""
    registry = private_dir(get_registry_folder(data_dir)) / f"{uuid4()}.json"
    with ExitStack() as lock:
        with draft_file(registry, replace=False) as draft:
            file = lock.enter_context(draft.open("wb", buffering=0))
            # Locked before it gets its name: an unlocked registry is taken for that of a killed test.
            fcntl.flock(file, fcntl.LOCK_EX)
            file.write(ENTRIES_ADAPTER.dump_json(entries))
        yield registry


@contextmanager
def claim_abandoned_registry(registry: Path) -> Iterator[tuple[RegistryEntry, ...]]:
    """Yield the users of a killed test, or none while it is still running. The file is removed afterwards."""
    descriptor = os.open(registry, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield ()
            return
        yield _read_registry(registry)
        registry.unlink(missing_ok=True)
    finally:
        os.close(descriptor)


def list_registries(data_dir: Path) -> tuple[Path, ...]:
    return tuple(sorted(get_registry_folder(data_dir).glob("*.json")))


def _read_registry(registry: Path) -> tuple[RegistryEntry, ...]:
    try:
        return ENTRIES_ADAPTER.validate_json(registry.read_bytes())
    except FileNotFoundError:
        return ()  # another test has just removed it
    except ValueError as error:
        raise OperatorError(f"Can't read {registry}. Remove it and the users named selftest-… by hand.") from error


@contextmanager
def temporary_users(count: int, seconds: float, data_dir: Path) -> Iterator[tuple[CanaryUser, ...]]:
    """Create users for the block and remove them however it ends; after a kill -9 the next test does so."""
    remove_abandoned_users(data_dir)
    entries = _generate_entries(count)
    with write_registry(entries, data_dir) as registry:
        try:
            yield tuple(_create_user(entry, seconds) for entry in entries)
        finally:
            _remove_users(entries, data_dir)
            registry.unlink()


def remove_abandoned_users(data_dir: Path) -> int:
    """Remove the users of killed tests, not of running ones. Return how many the registries named."""
    count = 0
    for registry in list_registries(data_dir):
        with claim_abandoned_registry(registry) as entries:
            _remove_users(entries, data_dir)
            count += len(entries)
    return count


def remove_user(entry: RegistryEntry, data_dir: Path) -> None:
    """Remove one temporary user and all their data. It may be repeated."""
    user = User.objects.filter(id=entry.user_id, username=entry.name).first()
    if user is not None and not _is_temporary(user):
        return  # it has become a real user's account
    if user is not None:
        erase_user(user, data_dir, ERASURE_TIMEOUTS, publish=publish_to_nobody)
    for folder in _list_folders(entry.user_id, data_dir):
        shutil.rmtree(folder, ignore_errors=True)


def _remove_users(entries: Iterable[RegistryEntry], data_dir: Path) -> None:
    """Remove all, even if one fails. Raises OperatorError afterwards."""
    failure: OperatorError | None = None
    for entry in entries:
        try:
            remove_user(entry, data_dir)
        except OperatorError as error:
            failure = error
    if failure is not None:
        raise failure


def _is_temporary(user: User) -> bool:
    is_plain = not (user.is_staff or user.is_superuser or user.has_usable_password())
    return is_plain and user.username.startswith(USERNAME_PREFIX)


def _generate_entries(count: int) -> tuple[RegistryEntry, ...]:
    """Generate ids with a common prefix: code that shortens ids, for a group or a file name, then mixes users up."""
    prefix = secrets.token_bytes(4)
    ids = [UUID(bytes=prefix + secrets.token_bytes(12), version=4) for _ in range(count)]
    return tuple(RegistryEntry(user_id=each, name=f"{USERNAME_PREFIX}{secrets.token_hex(6)}") for each in ids)


def _create_user(entry: RegistryEntry, seconds: float) -> CanaryUser:
    user = User.objects.create(id=entry.user_id, username=entry.name, password=make_password(None))
    # Longer than the test can take; it expires even if the test is killed.
    _, token = AuthToken.objects.create(user, expiry=timedelta(seconds=seconds + 3600))
    return CanaryUser(user_id=entry.user_id, name=entry.name, token=token, canary=create_canary())


def _list_folders(user_id: UUID, data_dir: Path) -> tuple[Path, ...]:
    return (Workload(owner_id=user_id).get_path(data_dir).parent, Upload(owner_id=user_id).get_path(data_dir).parent)
