"""Find the line of a CSV file that names its columns: exports put titles, a period or Excel's `sep=` above it."""

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TextIO

from core.exceptions import BadInput
from core.i18n.text import text

MAX_LINE_LENGTH: Final = 1 << 20
_SAMPLED_LINES: Final = 40
_MAX_NUMBER_LENGTH: Final = 40
_SEPARATORS: Final = ",;\t|"
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?')
_NUMBER = re.compile(r"\A[$€]?[+-]?[\d.,\s]*+(?<=\d)%?")


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvHeader:
    """The names of the columns, their separator, and how many lines stand above the line that names them."""

    names: tuple[str, ...]
    separator: str
    skipped: int


def read_header(path: Path) -> CsvHeader:
    """Return the header of the UTF-8 file at `path`. Raises BadInput if none of its first lines can be one."""
    with path.open(encoding="utf-8", newline="") as file:
        return find_header(_read_lines(file))


def find_header(lines: Sequence[str]) -> CsvHeader:
    """Return the header among the first lines of a file. Raises BadInput if none of them can be one."""
    declared = _SEPARATOR_LINE.fullmatch(lines[0]) if lines else None
    first = 1 if declared else 0
    separator = declared[1] if declared else _choose_separator(lines)
    records = [_split_cells(line, separator) for line in lines]
    place = _find_header(records, first)
    if place is None:
        raise BadInput(text("The file's first line is empty. It must name the columns."))
    return CsvHeader(names=tuple(records[place]), separator=separator, skipped=place)


def _read_lines(file: TextIO) -> list[str]:
    """Return the first lines, without what is too much of a long one."""
    lines: list[str] = []
    while len(lines) < _SAMPLED_LINES and (line := file.readline(MAX_LINE_LENGTH)):
        if len(line) == MAX_LINE_LENGTH and not lines:
            raise BadInput(
                text("The file's first line is longer than a million characters, so this is not a CSV with a header.")
            )
        lines.append(line.strip("\r\n"))
        while len(line) == MAX_LINE_LENGTH and not line.endswith("\n"):
            line = file.readline(MAX_LINE_LENGTH)
    return lines


def _choose_separator(lines: Sequence[str]) -> str:
    """Return the separator that most lines have, and have most often."""
    sample = [line for line in lines if line.strip()]
    return max(
        _SEPARATORS, key=lambda each: (sum(each in line for line in sample), sum(line.count(each) for line in sample))
    )


def _split_cells(line: str, separator: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=separator), [])
    except csv.Error:  # a cell that goes on in the next line
        return line.split(separator)


def _find_header(records: list[list[str]], first: int) -> int | None:
    """Return the first line as wide as most lines that holds words; else the first that is not empty."""
    widths = Counter(len(record) for record in records[first:] if len(record) > 1)
    width = widths.most_common(1)[0][0] if widths else 1
    filled = [place for place, record in enumerate(records) if place >= first and any(cell.strip() for cell in record)]
    wide = (place for place in filled if len(records[place]) >= width and _is_wordy(records[place]))
    return next(wide, filled[0] if filled else None)


def _is_wordy(record: list[str]) -> bool:
    cells = [cell for cell in record if cell.strip()]
    return len(cells) * 2 > len(record) and not any(map(_is_number, cells))


def _is_number(cell: str) -> bool:
    cell = cell.strip()
    return len(cell) <= _MAX_NUMBER_LENGTH and _NUMBER.fullmatch(cell) is not None
