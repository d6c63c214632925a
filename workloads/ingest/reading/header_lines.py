"""Name the columns of a table whose header has two lines, as of a pivot table: models in one and kinds in the other.

In a spreadsheet the upper names stand only in the first column of each group. pandas repeats them, and writes the name
of the index in a line of its own."""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

_MAX_NUMBER_LENGTH: Final = 40
_NUMBER: Final = re.compile(r"\A[$€]?[+-]?[\d.,\s]*+(?<=\d)%?")


def is_number(cell: str) -> bool:
    """Whether a cell is a number, an amount or a percentage."""
    cell = cell.strip()
    return len(cell) <= _MAX_NUMBER_LENGTH and _NUMBER.fullmatch(cell) is not None


def name_columns(records: Sequence[Sequence[str]], place: int) -> tuple[list[str], int]:
    """Return the names of the columns, given the line at `place` as the header, and how many lines after it belong to
    it. Only names that stand there more than once get those of another line."""
    names = list(records[place])
    below = list(records[place + 1]) if place + 1 < len(records) else []
    if _names_gaps(names, below) and (groups := _fill_groups(names, len(names))) is not None:
        joined = [f"{group} {name}".strip() for group, name in _zip(groups, below)]
        return (joined, 1) if _are_different(joined) else (names, 0)
    twice = {name for name, count in Counter(filter(None, map(str.strip, names))).items() if count > 1}
    if not twice:
        return names, 0
    if place and (upper := _fill_groups(records[place - 1], len(names))) is not None:
        is_open = {*twice, ""}
        joined = [f"{label} {name}".strip() if name.strip() in is_open else name for label, name in _zip(upper, names)]
        return (joined, 0) if _are_different(joined) else (names, 0)
    labels = [label for label, name in _zip(below, names) if name.strip() in twice]
    others = [label for label, name in _zip(below, names) if label.strip() and name.strip() not in twice]
    is_header = len(others) <= 1 and not any(map(str.isdigit, "".join(others)))
    if not labels or not is_header or not all(label.strip() and not is_number(label) for label in labels):
        return names, 0
    joined = [f"{name} {label}" if name.strip() in twice else name or label for label, name in _zip(below, names)]
    index = list(records[place + 2]) if place + 2 < len(records) else []
    has_index = bool(index and index[0].strip()) and not any(map(str.strip, index[1:])) and not is_number(index[0])
    if has_index:
        joined[0] = index[0]
    return (joined, 1 + has_index) if _are_different(joined) else (names, 0)


def _names_gaps(names: Sequence[str], below: Sequence[str]) -> bool:
    """Whether columns without a name have one in the line below, which has words only, and some of them twice."""
    gaps = [place for place, name in enumerate(names) if not name.strip()]
    is_named = bool(gaps) and gaps != [0] and all(below[place : place + 1] and below[place].strip() for place in gaps)
    words = list(filter(str.strip, below))
    return is_named and len(set(words)) < len(words) and not any(map(is_number, words))


def _fill_groups(cells: Sequence[str], width: int) -> list[str] | None:
    """Return the names of groups for each column; None if the line has no groups, but a title."""
    filled = [place for place, cell in enumerate(cells[:width]) if cell.strip()]
    if not filled or filled == [0] or any(map(is_number, (cells[place] for place in filled))):
        return None
    labels: list[str] = []
    for place in range(width):
        cell = cells[place].strip() if place < len(cells) else ""
        labels.append(cell or (labels[-1] if labels else ""))
    return labels


def _zip(labels: Sequence[str], names: Sequence[str]) -> list[tuple[str, str]]:
    padded = [*labels, *[""] * len(names)]
    return list(zip(padded, names, strict=False))


def _are_different(names: Sequence[str]) -> bool:
    filled = [name for name in map(str.strip, names) if name]
    return len(set(filled)) == len(filled)
