"""Damaged files of every layout are read right or refused: never a crash, and no figure that is in no intact row."""

import json
from collections import Counter
from collections.abc import Sequence
from copy import deepcopy
from pathlib import Path
from random import Random
from typing import Any

import pytest

from core.exceptions import BadInput
from tests.support.workloads.file_variants import VARIANTS, Row
from tests.support.workloads.ingested_logs import Brought, bring
from tests.support.workloads.written_logs import LAYOUTS, Layout, make_up_log, write_rows

LOG = make_up_log(rows=12)
PLAIN = ("lines", "csv", "indented", "gzip", "zip", "workbook")
WRONG_VALUES: tuple[Any, ...] = (
    *("abc", "12abc", "", "1e999", "9" * 5_000, -5, 10**30, 0.5, True, None, [1, 2], {"value": 1}, "{'a': 1}"),
    *("\x00", "NaN", "=1+1", "2026-05-01", [[[[]]]] * 20, json.loads("[" * 300 + "]" * 300)),
)
ROWS = "SELECT model, fresh_input + cache_read + cache_write, output FROM log.requests"


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


def damage(layout: Layout, random: Random) -> tuple[str, bytes]:
    """Return the kind of damage, and the file."""
    rows = deepcopy(write_rows(layout, LOG))
    kind = random.choice(("order", "end", "value", "value", "value", "bytes"))
    if kind == "order":
        random.shuffle(rows)
    if kind == "value":
        replace_value(random.choice(rows), random)
    content = write(layout, rows, random)
    if kind == "end":
        content = content[: random.randrange(len(content))]
    if kind == "bytes":
        place = random.randrange(len(content))
        content = content[:place] + random.randbytes(random.randint(1, 9)) + content[place + 3 :]
    return kind, content


def list_figures(log: Brought) -> Counter[tuple[Any, ...]]:
    return Counter(log.query(ROWS))


def read_or_refuse(tmp_path: Path, content: bytes) -> Brought | None:
    try:
        return bring(tmp_path, content)
    except BadInput:
        return None


@pytest.mark.parametrize("files", [3, pytest.param(1_000, marks=pytest.mark.soak)])
@pytest.mark.parametrize("name", LAYOUTS)
def test_a_damaged_file_is_read_right_or_refused(tmp_path: Path, name: str, files: int) -> None:
    layout, random = LAYOUTS[name], Random(name)
    intact = list_figures(bring(tmp_path, VARIANTS["lines"](write_rows(layout, LOG))))
    for number in range(files):
        kind, content = damage(layout, random)
        log = read_or_refuse(tmp_path, content)
        if log is None:
            assert kind != "order", (number, kind)
            continue
        others = list_figures(log) - intact
        if kind == "order":
            assert (others, log.source.rows) == (Counter(), len(LOG)), (number, kind)
        elif kind != "bytes":  # these may be digits
            assert sum(others.values()) <= 1, (number, kind, others)
        assert all(count >= 0 for row in others for count in row[1:]), (number, kind, others)
