"""Where this installation keeps its logs and how large one may be; the only place of this room that asks settings."""

from pathlib import Path

from django.conf import settings


def data_dir() -> Path:
    folder: Path = settings.NETRA.data_dir
    return folder


def disk_reserve() -> int:
    reserve: int = settings.NETRA.disk_reserve_bytes
    return reserve


def upload_limit() -> int:
    limit: int = settings.NETRA.upload_bytes
    return limit


def stored_limit() -> int:
    """Bytes that one user's logs may take, where no plan says otherwise."""
    limit: int = settings.NETRA.stored_bytes
    return limit
