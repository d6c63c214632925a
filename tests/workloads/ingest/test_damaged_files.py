"""Damaged files of every layout are read right or refused: never a crash, and no figure that is in no intact row."""

import json
from collections import Counter
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import pytest

from core.exceptions import BadInput
from tests.support.workloads.file_variants import VARIANTS, Row
from tests.support.workloads.ingested_logs import IngestedLog, ingest_log
from tests.support.workloads.written_logs import LAYOUTS, Layout, make_up_log, write_rows

pytestmark = [pytest.mark.slow, pytest.mark.long]

LOG = make_up_log(rows=12)
LONG_LOG = make_up_log(rows=240)
"""It begins with the rows of LOG."""
PLAIN = ("lines", "csv", "indented", "gzip", "zip", "workbook")
WRONG_VALUES: tuple[Any, ...] = (
    *("abc", "12abc", "", "1e999", "9" * 5_000, -5, 10**30, 0.5, True, None, [1, 2], {"value": 1}, "{'a': 1}"),
    *("\x00", "NaN", "=1+1", "2026-05-01", [[[[]]]] * 20, json.loads("[" * 300 + "]" * 300)),
)
KINDS = ("order", "end", "bytes", "bomb")
FILES = 3
MUTANTS_TOGETHER = 25
"""Fifty mutants with wrong values in two files of each layout, and a file of another kind. Reading a small file takes a
tenth of a second, most of it planning, and rows with wrong values don't hide one another."""
ROWS = "SELECT model, fresh_input + cache_read + cache_write, output FROM log.requests"


@dataclass(frozen=True, slots=True, kw_only=True)
class DamagedFile:
    """A file with a kind of damage, and the number of its rows that may be read otherwise."""

    kind: str
    rows: int
    content: bytes


def write(layout: Layout, rows: Sequence[Row], random: Random) -> bytes:
    if layout.is_spans:
        return json.dumps({"resourceSpans": [{"resource": {}, "scopeSpans": [{"spans": list(rows)}]}]}).encode()
    return VARIANTS[random.choice(PLAIN)](rows)


def replace_value(row: Row, random: Random) -> None:
    """Put something else in the place of one of the row's values, at any depth."""
    inner, keys = row, list(row)
    key = random.choice(keys)
    while isinstance(inner[key], dict) and inner[key]:
        inner = inner[key]
        key = random.choice(list(inner))
    inner[key] = random.choice(WRONG_VALUES)


def add_bomb(rows: list[Row], random: Random) -> None:
    """Add what grows when it is read: many keys, deep levels, long cells, or long lists."""
    row = random.choice(rows)
    match random.choice(("keys", "levels", "cell", "list")):
        case "keys":
            row |= {f"key {number}": number for number in range(3_000)}
        case "levels":
            row["deep"] = json.loads('{"a":' * 900 + "1" + "}" * 900)
        case "cell":
            row[random.choice(list(row))] = "9" * 300_000
        case "list":
            row["list"] = [{"a": number} for number in range(5_000)]


def choose_kind(name: str, number: int) -> str:
    """Every third file of a layout has a kind of its own, which the next layout's file has not."""
    return "value" if number % 3 else KINDS[(list(LAYOUTS).index(name) + number // 3) % len(KINDS)]


def damage(layout: Layout, kind: str, random: Random, mutants: int) -> DamagedFile:
    """Return a file with a kind of damage; with wrong values in `mutants` times one to five rows."""
    is_together = kind == "value" and mutants > 1
    rows = deepcopy(write_rows(layout, LONG_LOG if is_together else LOG))
    count = sum(random.randint(1, 5) for _ in range(mutants)) if kind == "value" else 1
    match kind:
        case "order":
            random.shuffle(rows)
        case "value":
            for row in random.sample(rows, count):
                replace_value(row, random)
        case "bomb":
            add_bomb(rows, random)
    content = write(layout, rows, random)
    place = random.randrange(len(content))
    if kind == "end":
        content = content[:place]
    if kind == "bytes":
        content = content[:place] + random.randbytes(random.randint(1, 9)) + content[place + 3 :]
    return DamagedFile(kind=kind, rows=count, content=content)


def list_figures(log: IngestedLog) -> Counter[tuple[Any, ...]]:
    return Counter(log.query(ROWS))


def read_or_refuse(tmp_path: Path, content: bytes) -> IngestedLog | None:
    try:
        return ingest_log(tmp_path, content)
    except BadInput:
        return None


@pytest.mark.parametrize("files", [FILES, pytest.param(1_000, marks=pytest.mark.soak)])
@pytest.mark.parametrize("name", LAYOUTS)
def test_a_damaged_file_is_read_right_or_refused(tmp_path: Path, name: str, files: int) -> None:
    layout, random = LAYOUTS[name], Random(name)
    intact = list_figures(ingest_log(tmp_path, VARIANTS["lines"](write_rows(layout, LONG_LOG))))
    for number in range(files):
        damaged = damage(layout, choose_kind(name, number), random, MUTANTS_TOGETHER if files == FILES else 1)
        log = read_or_refuse(tmp_path, damaged.content)
        if log is None:
            assert damaged.kind != "order", number
            continue
        others = list_figures(log) - intact
        if damaged.kind == "order":
            assert (others, log.source.rows) == (Counter(), len(LOG)), number
        elif damaged.kind != "bytes":  # these may be digits
            assert sum(others.values()) <= damaged.rows, (number, damaged.kind, others)
        assert all(count >= 0 for row in others for count in row[1:]), (number, damaged.kind, others)
