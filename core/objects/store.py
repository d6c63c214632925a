"""Objects in a store by URL: S3 and what speaks like it, Google Cloud Storage, Azure, or a folder; through obstore.

Each call blocks for at most about a minute and never on the event loop: call it in a thread. A store that is away or
refuses raises StoreUnavailable, a full one StorageFull."""

import hashlib
import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit, urlunsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import from_url

from core.exceptions import StorageFull, StoreUnavailable
from core.i18n.text import Text, text

log = logging.getLogger(__name__)

SCHEMES = frozenset({"s3", "s3a", "gs", "az", "adl", "azure", "abfs", "abfss", "file"})
TIMEOUT_SECONDS = 30.0
"""Of one request; its URL may set another one (`?timeout=`)."""
MAX_TIMEOUT_SECONDS = 600
CONNECT_SECONDS = 3.0
RETRIES = 2
RETRY_SECONDS = 10.0  # after which no further request is begun for the same call
RANGE_BYTES = 8 << 20
"""Bytes of one request for a part of an object, and of one part of a large object that is stored."""
KEYS_AT_ONCE = 500
FULL_SIGNS = ("507 ", "os error 28", "os error 122", "QuotaExceeded", "StorageFull", "InsufficientStorage")
"""Of a store without space: the status, the system's codes of a full disk and quota, and S3 servers' codes."""
MISSING_BUCKET_SIGNS = ("NoSuchBucket", "ContainerNotFound")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredObject:
    """`size` in bytes; `modified_at` in UTC, by the store's clock."""

    key: str
    size: int
    modified_at: datetime


class ObjectStore:
    """`url` names the bucket and a prefix of all keys; its query has options of obstore, such as `endpoint`, `region`
    and credentials, which otherwise come from the environment.

    `most_seconds` limits a request further. Raises ValueError, without the URL in it, if it can't be used.
    """

    def __init__(self, url: str, *, most_seconds: float = MAX_TIMEOUT_SECONDS) -> None:
        location, options = split_store_url(url)
        seconds = min(_parse_seconds(options.pop("timeout", None)), most_seconds)
        client = {
            "timeout": timedelta(seconds=seconds),
            "connect_timeout": timedelta(seconds=min(CONNECT_SECONDS, seconds)),
            "allow_http": options.pop("allow_http", "") == "true" or options.get("endpoint", "").startswith("http://"),
        }
        retry = {"max_retries": RETRIES, "retry_timeout": timedelta(seconds=min(RETRY_SECONDS, seconds))}
        arguments: dict[str, Any] = {"config": options, "client_options": client, "retry_config": retry}
        if urlsplit(location).scheme == "file":
            arguments = {"mkdir": True, "automatic_cleanup": True}
        try:
            self._store: Any = from_url(location, **arguments)
        except (BaseError, ValueError) as error:
            raise ValueError(_redact(error, options)) from None

    def put_bytes(self, key: str, content: bytes) -> None:
        """Store an object, whole or not at all, in place of an earlier one."""
        with _converting_errors():
            obstore.put(self._store, key, content, use_multipart=False)

    def put_file(self, key: str, path: Path) -> None:
        """Like put_bytes, for a file of any size, of which a few parts are in memory."""
        with _converting_errors():
            obstore.put(self._store, key, path, chunk_size=RANGE_BYTES, max_concurrency=2)

    def get_bytes(self, key: str) -> bytes | None:
        """Return a small object; None if there is none."""
        with _converting_errors():
            try:
                return bytes(obstore.get(self._store, key).bytes())
            except FileNotFoundError as error:
                _check_bucket(error)
                return None

    def append_to_file(self, key: str, size: int, path: Path, *, until: float) -> str:
        """Append an object of `size` bytes to a file, and return the SHA-256 of these bytes in hex.

        Raises FileNotFoundError if there is no such object, and StoreUnavailable if it takes until the monotonic time
        `until`.
        """
        digest = hashlib.sha256()
        with path.open("ab") as file:
            for start in range(0, size, RANGE_BYTES):
                if time.monotonic() > until:
                    raise StoreUnavailable(text("The file store is too slow right now. Try again in a few minutes."))
                with _converting_errors():
                    chunk = self._get_range(key, start, min(RANGE_BYTES, size - start))
                digest.update(chunk)
                file.write(chunk)
        return digest.hexdigest()

    def _get_range(self, key: str, start: int, length: int) -> memoryview:
        try:
            return memoryview(obstore.get_range(self._store, key, start=start, length=length))
        except FileNotFoundError as error:
            _check_bucket(error)
            raise

    def delete(self, keys: Sequence[str]) -> None:
        """Delete objects; those that are gone already are no error."""
        for start in range(0, len(keys), KEYS_AT_ONCE):
            with _converting_errors():
                self._delete_some(list(keys[start : start + KEYS_AT_ONCE]))

    def _delete_some(self, keys: list[str]) -> None:
        try:
            obstore.delete(self._store, keys)
        except FileNotFoundError as error:
            _check_bucket(error)
            if len(keys) > 1:  # a folder's store stops at the first one that is gone
                for key in keys:
                    self._delete_some([key])

    def delete_below(self, prefix: str) -> int:
        """Delete all objects whose keys are below a prefix, such as a user's id, and return how many there were."""
        keys = [each.key for each in self.list_below(prefix)]
        self.delete(keys)
        return len(keys)

    def list_below(self, prefix: str) -> Iterator[StoredObject]:
        """Yield the objects whose keys are below a prefix, in any order."""
        with _converting_errors():
            try:
                for page in obstore.list(self._store, prefix):
                    for found in page:
                        yield StoredObject(key=found["path"], size=found["size"], modified_at=found["last_modified"])
            except FileNotFoundError as error:
                _check_bucket(error)

    def list_folders(self) -> list[str]:
        """Return the first segments of all keys, such as users' ids."""
        with _converting_errors():
            try:
                return [str(each) for each in obstore.list_with_delimiter(self._store)["common_prefixes"]]
            except FileNotFoundError as error:
                _check_bucket(error)
                return []

    def check(self) -> None:
        """Raise StoreUnavailable unless the store answers and has the bucket."""
        with _converting_errors():
            obstore.list_with_delimiter(self._store, "check")


def split_store_url(url: str) -> tuple[str, dict[str, str]]:
    """Return the URL without its query, and the query's options. Raises ValueError for another kind of URL."""
    parts = urlsplit(url)
    if parts.scheme not in SCHEMES:
        raise ValueError("expected s3://bucket/prefix, gs://…, az://… or file:///folder")
    options: Mapping[str, str] = dict(parse_qsl(parts.query, keep_blank_values=True))
    return urlunsplit((parts.scheme, parts.netloc, parts.path, "", "")), dict(options)


def _parse_seconds(value: str | None) -> float:
    """Raises ValueError, without the value: it may be a secret that was put into the wrong place."""
    try:
        seconds = TIMEOUT_SECONDS if value is None else float(value)
    except ValueError:
        seconds = 0
    if not 0 < seconds <= MAX_TIMEOUT_SECONDS:
        raise ValueError(f"timeout: expected a number of seconds up to {MAX_TIMEOUT_SECONDS}")
    return seconds


def _redact(error: Exception, options: Mapping[str, str]) -> str:
    """Return the first line of the library's error, without the values of options."""
    message = str(error).partition("\n")[0]
    for value in filter(None, options.values()):
        message = message.replace(value, "…")
    return message


@contextmanager
def convert_store_errors(*, away: Text, full: Text) -> Iterator[None]:
    """Raise the errors of a store in the block with these messages, which say what became of the user's file."""
    try:
        yield
    except StoreUnavailable as error:
        raise StoreUnavailable(away) from error
    except StorageFull as error:
        raise StorageFull(full) from error


@contextmanager
def _converting_errors() -> Iterator[None]:
    try:
        yield
    except (BaseError, ValueError, PermissionError) as error:
        raise _to_store_error(error) from None


def _to_store_error(error: Exception) -> StorageFull | StoreUnavailable:
    """Return the error for users. The library's words name addresses and keys, so only the log has them."""
    reason = str(error).partition("\n")[0]
    log.warning("the file store failed: %s", reason)
    if any(sign in str(error) for sign in FULL_SIGNS):
        return StorageFull(text("There is no space left in the file store. Nothing was saved. Try again later."))
    return StoreUnavailable(text("The file store cannot be reached. Try again in a few minutes."))


def _check_bucket(error: FileNotFoundError) -> None:
    """Raise StoreUnavailable if not the object is missing, but the bucket."""
    if any(sign in str(error) for sign in MISSING_BUCKET_SIGNS):
        raise _to_store_error(error) from None
