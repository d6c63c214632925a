"""The settings of the REST resources: data folder and limits. The only module of this package that reads settings."""

from pathlib import Path

from django.conf import settings

from workloads.child_process import ProcessLimits, limits_from_settings


def get_data_dir() -> Path:
    folder: Path = settings.NETRA.data_dir
    return folder


def get_disk_reserve() -> int:
    reserve: int = settings.NETRA.disk_reserve_bytes
    return reserve


def get_upload_limit() -> int:
    limit: int = settings.NETRA.upload_bytes
    return limit


def get_price_file() -> Path | None:
    """Return the operator's price file, if there is one."""
    file: Path | None = settings.NETRA.price_file
    return file


def get_process_limits() -> ProcessLimits:
    """Return the limits of a child process that opens a log."""
    return limits_from_settings(settings.NETRA)


def get_storage_limit() -> int:
    """Return the bytes that one user's logs may use if no plan sets a limit."""
    limit: int = settings.NETRA.stored_bytes
    return limit
