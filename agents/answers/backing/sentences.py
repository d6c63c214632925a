"""Split a text into sentences and clauses: a number belongs to the names of its clause."""

import re
from bisect import bisect_right
from dataclasses import dataclass

_SENTENCE_END = re.compile(r"[.!?](?=\s|$)|\n")
_CLAUSE_END = re.compile(r"[;:()]|,(?=\s)|\s(?:and|while|but|und|aber|et|mais|y|pero)\s|[.!?](?=\s|$)|\n")


@dataclass(frozen=True, slots=True)
class Parts:
    """Parts of a text by the places where they begin; the first begins at 0."""

    starts: tuple[int, ...]

    def find(self, place: int) -> int:
        """Return the number of the part that a place is in."""
        return bisect_right(self.starts, place) - 1


def split_sentences(text: str) -> Parts:
    return Parts((0, *(match.end() for match in _SENTENCE_END.finditer(text))))


def split_clauses(text: str) -> Parts:
    """Split `text`, in lower case. A row of a table is one clause."""
    starts = [0]
    line_start = 0
    for line in text.splitlines(keepends=True):
        if line.lstrip().startswith("|"):
            starts.append(line_start)
        else:
            starts += [line_start + match.end() for match in _CLAUSE_END.finditer(line)]
        line_start += len(line)
        starts.append(line_start)
    return Parts(tuple(sorted(set(starts))))
