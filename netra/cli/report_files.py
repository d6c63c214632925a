"""The files of a report: each table as CSV, and the FOCUS export."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from django.core.management.base import CommandError

from agents.downloads import export_report_focus
from core.management.errors import EXIT_BAD_INPUT
from netra.config import Environment
from workloads.child_process import limits_from_settings
from workloads.report.tables import name_file


def check_csv_folder(folder: Path | None) -> None:
    """Raise CommandError, before the log is read, if the folder can't be made."""
    if folder is not None and not folder.is_dir() and (folder.exists() or not folder.parent.is_dir()):
        raise CommandError(f"--csv {folder}: not a folder.", returncode=EXIT_BAD_INPUT)


def write_focus_file(target: Path, user_id: UUID, run_id: UUID, environment: Environment) -> None:
    """Write the FOCUS export of a run's report."""
    content = export_report_focus(
        user_id,
        run_id,
        data_dir=environment.data_dir,
        limits=limits_from_settings(environment),
        price_file=environment.price_file,
    )
    try:
        target.write_text(content, encoding="utf-8", newline="")
    except OSError as error:
        raise CommandError(f"{target} could not be written: {error.strerror}.") from error


def write_csv_files(folder: Path, log_name: str, tables: Mapping[str, str]) -> None:
    """Write a file for each table, named after the log and the day (UTC)."""
    today = datetime.now(UTC).date()
    try:
        folder.mkdir(exist_ok=True)
        for name, content in tables.items():
            (folder / name_file(log_name, today, name)).write_text(content, encoding="utf-8", newline="")
    except OSError as error:
        raise CommandError(f"The report is above; {folder} could not be written: {error.strerror}.") from error
