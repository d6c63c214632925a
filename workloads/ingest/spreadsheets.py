"""Write the largest sheet of a workbook as CSV: Excel's .xlsx, .xlsb and .xls, and OpenDocument's .ods."""

import csv
import zipfile
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from core.exceptions import BadInput
from core.i18n.text import Text, plural_text, text
from workloads.ingest.bounds import Bounds, check_columns, check_rows, check_unpacked

SpreadsheetError = CalamineError

_FIRST_NAMES: Final = 1_000
_PARTS: Final = ("xl/workbook.xml", "xl/workbook.bin", "content.xml")
"""Files that only the archive of a workbook has."""


def is_spreadsheet(path: Path) -> bool:
    """Whether the ZIP archive at `path` is a workbook."""
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        return not set(_PARTS).isdisjoint(archive.namelist()[:_FIRST_NAMES])


def write_sheet(path: Path, target: Path, bounds: Bounds) -> tuple[Text, ...]:
    """Write the sheet with most rows to `target`. Returns a note on the other sheets.

    Raises BadInput if it is encrypted or exceeds the bounds, SpreadsheetError if it is damaged.
    """
    _check_declared_size(path, bounds)
    with CalamineWorkbook.from_path(str(path)) as workbook:
        names = workbook.sheet_names
        sheet = _choose_sheet(workbook, names)
        check_rows(sheet.height, bounds)
        check_columns(sheet.width, bounds)
        _write_rows(sheet, target, bounds)
    if len(names) == 1:
        return ()
    note = plural_text(
        'Read the sheet "{name}"; {n} other sheet was left out.',
        'Read the sheet "{name}"; {n} other sheets were left out.',
        n=len(names) - 1,
        name=sheet.name[:100],
    )
    return (note,)


def _check_declared_size(path: Path, bounds: Bounds) -> None:
    """Raise BadInput if the workbook's archive says that it unpacks to more than the bounds allow."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            check_unpacked(sum(member.file_size for member in archive.infolist()), bounds)


def _choose_sheet(workbook: CalamineWorkbook, names: Sequence[str]) -> CalamineSheet:
    """Return the sheet with most rows. At most two sheets are in memory at a time."""
    if not names:
        raise BadInput(text("The workbook has no sheet."))
    largest = workbook.get_sheet_by_name(names[0])
    for name in names[1:]:
        sheet = workbook.get_sheet_by_name(name)
        if sheet.height > largest.height:
            largest = sheet
    return largest


def _write_rows(sheet: CalamineSheet, target: Path, bounds: Bounds) -> None:
    size = 0
    with target.open("w", encoding="utf-8", errors="replace", newline="") as file:
        writer = csv.writer(file)
        for row in sheet.iter_rows():
            cells = [_format_cell(value) for value in row]
            size += sum(map(len, cells)) + len(cells)
            check_unpacked(size, bounds)
            writer.writerow(cells)


def _format_cell(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return str(value.total_seconds()) if isinstance(value, timedelta) else str(value)
