"""Write the largest sheet of a workbook, and others like it, as CSV.

Read are Excel's .xlsx, .xlsb and .xls, and OpenDocument's .ods."""

import csv
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, Final, TextIO

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from core.exceptions import BadInput
from core.i18n.text import Text, plural_text, text
from workloads.ingest.bounds import Bounds, check_columns, check_rows, check_unpacked

SpreadsheetError = CalamineError

_FIRST_NAMES: Final = 1_000
_FIRST_LINES: Final = 20
_FEWEST_HEADINGS: Final = 3
_SAMPLED_ROWS: Final = 50
_MAX_SHEETS: Final = 60
_PARTS: Final = ("xl/workbook.xml", "xl/workbook.bin", "content.xml")
"""Files that only the archive of a workbook has."""


def is_spreadsheet(path: Path) -> bool:
    """Whether the ZIP archive at `path` is a workbook."""
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        return not set(_PARTS).isdisjoint(archive.namelist()[:_FIRST_NAMES])


def write_sheet(path: Path, target: Path, bounds: Bounds) -> tuple[Text, ...]:
    """Write the sheet with most rows to `target`, and behind it those with the same headings, such as other months.

    Returns a note on the sheets of a workbook with several. Raises BadInput if it is encrypted or exceeds the bounds,
    SpreadsheetError if it is damaged.
    """
    _check_declared_size(path, bounds)
    with CalamineWorkbook.from_path(str(path)) as workbook:
        names = workbook.sheet_names
        sheet = _choose_sheet(workbook, names)
        check_columns(sheet.width, bounds)
        headings = _find_headings(sheet)
        others = [name for name in names if name != sheet.name and headings] if len(names) <= _MAX_SHEETS else []
        with target.open("w", encoding="utf-8", errors="replace", newline="") as file:
            writer = _SheetWriter(file, bounds)
            writer.write(sheet.iter_rows())
            read = [sheet.name, *(name for name in others if _append_sheet(workbook, name, sheet, headings, writer))]
    return _describe_sheets(read, len(names))


def _describe_sheets(read: Sequence[str], count: int) -> tuple[Text, ...]:
    if count == 1:
        return ()
    names = ", ".join(f'"{name[:60]}"' for name in read[:20])
    left = count - len(read)
    if len(read) == 1:
        note = plural_text(
            'Read the sheet "{name}"; {n} other sheet was left out.',
            'Read the sheet "{name}"; {n} other sheets were left out.',
            n=left,
            name=read[0][:100],
        )
    elif left:
        note = plural_text(
            "Read the sheets {names}, which have the same headings; {n} other sheet was left out.",
            "Read the sheets {names}, which have the same headings; {n} other sheets were left out.",
            n=left,
            names=names,
        )
    else:
        note = text("Read the sheets {names}, which have the same headings.", names=names)
    return (note,)


def _find_headings(sheet: CalamineSheet) -> tuple[str, ...]:
    """Return the line near the top that names most columns, all in words; empty if there is none."""
    lines = [tuple(map(_format_cell, row)) for row in islice(sheet.iter_rows(), _FIRST_LINES) if _are_words(row)]
    return max(lines, key=lambda line: len(line) - line.count(""), default=())


def _are_words(row: Sequence[Any]) -> bool:
    filled = [cell for cell in row if cell not in ("", None)]
    return len(filled) >= _FEWEST_HEADINGS and all(isinstance(cell, str) for cell in filled)


def _append_sheet(
    workbook: CalamineWorkbook, name: str, first: CalamineSheet, headings: tuple[str, ...], writer: "_SheetWriter"
) -> bool:
    """Write the rows of a sheet with these headings. Returns whether it has them, and rows that `first` hasn't."""
    sheet = workbook.get_sheet_by_name(name)
    lines = [tuple(map(_format_cell, row)) for row in islice(sheet.iter_rows(), _FIRST_LINES)]
    if headings not in lines:
        return False
    start = lines.index(headings) + 1
    sampled = {tuple(map(_format_cell, row)) for row in islice(sheet.iter_rows(), start, start + _SAMPLED_ROWS)}
    sampled.discard(("",) * len(headings))
    known = sum(tuple(map(_format_cell, row)) in sampled for row in first.iter_rows())
    if not sampled or known * 2 > len(sampled):  # the first sheet has the rows of all others
        return False
    writer.write(islice(sheet.iter_rows(), start, None))
    return True


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


class _SheetWriter:
    """Writes rows as CSV. Raises BadInput when they exceed the bounds."""

    def __init__(self, file: TextIO, bounds: Bounds) -> None:
        self._writer = csv.writer(file)
        self._bounds = bounds
        self._size = self._rows = 0

    def write(self, rows: Iterable[Sequence[Any]]) -> None:
        for row in rows:
            cells = [_format_cell(value) for value in row]
            self._rows += 1
            self._size += sum(map(len, cells)) + len(cells)
            check_rows(self._rows, self._bounds)
            check_unpacked(self._size, self._bounds)
            self._writer.writerow(cells)


def _format_cell(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return str(value.total_seconds()) if isinstance(value, timedelta) else str(value)
