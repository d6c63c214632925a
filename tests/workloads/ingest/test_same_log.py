"""The same log in every layout and every kind of file has the same figures, except for what a layout lacks."""

import io
import json
import zipfile
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from functools import cache
from itertools import combinations
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.support.workloads.builder import Log
from tests.support.workloads.file_variants import VARIANTS, flatten, write_csv
from tests.support.workloads.ingested_logs import IngestedLog, ingest_log
from tests.support.workloads.written_logs import LAYOUTS, Layout, MadeUpRequest, make_up_log, write_rows

pytestmark = [pytest.mark.slow, pytest.mark.long]

FIGURES = """SELECT coalesce(model, ''), count(*)::INT, sum(fresh_input + cache_read + cache_write)::INT,
    sum(cache_read)::INT, sum(cache_write)::INT, sum(output)::INT FROM log.requests GROUP BY model ORDER BY model"""
LOG = make_up_log()

Figures = list[tuple[Any, ...]]
ReadLines = Callable[[str], IngestedLog]


@pytest.fixture(scope="module")
def read_lines(tmp_path_factory: pytest.TempPathFactory) -> ReadLines:
    """Reads the log as lines of JSON in the layout of that name, once."""

    @cache
    def read(name: str) -> IngestedLog:
        return ingest_log(tmp_path_factory.mktemp("lines"), content_of(LAYOUTS[name], "lines"))

    return read


def expect(log: Sequence[MadeUpRequest], lacks: frozenset[str]) -> Figures:
    """The figures of these requests, without what a layout lacks."""
    models = [""] if "model" in lacks else sorted({one.model for one in log})
    groups = [(model, [one for one in log if model in ("", one.model)]) for model in models]
    return [
        (
            *(model, len(group), sum(one.input for one in group)),
            0 if "read" in lacks else sum(one.read for one in group),
            0 if "write" in lacks else sum(one.write for one in group),
            sum(one.output for one in group),
        )
        for model, group in groups
    ]


def content_of(layout: Layout, variant: str, log: Sequence[MadeUpRequest] = LOG) -> bytes:
    rows = write_rows(layout, log)
    if layout.is_spans and variant in ("lines", "indented"):
        wrapped = {"resourceSpans": [{"resource": {}, "scopeSpans": [{"scope": {}, "spans": rows}]}]}
        return json.dumps(wrapped, indent=2 if variant == "indented" else None).encode()
    return VARIANTS[variant](rows)


def can_hold(layout: Layout, variant: str) -> bool:
    """Whether the file makes sense: OTLP's lists of attributes have no columns, a number per model no German date."""
    if layout.is_spans:
        return variant in ("lines", "indented", "data", "pages", "gzip", "zip", "bzip2")
    if variant in ("snake_case", "camelCase"):
        return layout.format not in ("otel", "vercel_ai", "cursor", "tabular")
    return not (variant == "german" and layout.format in ("litellm_payload",))


def select_pairs(*, quick: bool) -> Iterator[tuple[str, str]]:
    """All layouts with all kinds of files but lines; `quick`: each layout and each kind of file at least once."""
    for place, name in enumerate(LAYOUTS):
        for kind, variant in enumerate(VARIANTS):
            chosen = (place + kind) % 15 == 0
            if variant != "lines" and chosen == quick and can_hold(LAYOUTS[name], variant):
                yield name, variant


def check(log: IngestedLog, layout: Layout) -> None:
    assert log.query(FIGURES) == expect(LOG, layout.lacks)
    assert log.source.format == layout.format
    assert not log.source.rejected
    assert ("at" in log.source.columns) and log.source.relative_clock != layout.has_dates


@pytest.mark.parametrize("name", LAYOUTS)
def test_it_reads_the_same_log_from_lines(read_lines: ReadLines, name: str) -> None:
    check(read_lines(name), LAYOUTS[name])


@pytest.mark.parametrize(("name", "variant"), list(select_pairs(quick=True)))
def test_it_reads_the_same_log(tmp_path: Path, name: str, variant: str) -> None:
    check(ingest_log(tmp_path, content_of(LAYOUTS[name], variant)), LAYOUTS[name])


@pytest.mark.soak
@pytest.mark.parametrize(("name", "variant"), list(select_pairs(quick=False)))
def test_it_reads_the_same_log_from_any_kind_of_file(tmp_path: Path, name: str, variant: str) -> None:
    check(ingest_log(tmp_path, content_of(LAYOUTS[name], variant)), LAYOUTS[name])


def test_two_layouts_differ_only_in_what_one_of_them_lacks(read_lines: ReadLines) -> None:
    costs: dict[str, Decimal] = {}
    for name in LAYOUTS:
        priced = Log(path=read_lines(name).out).priced_log(assume_model="gpt-4o-mini")
        ((costs[name],),) = priced.fetch_all("SELECT sum(cost) FROM priced")
    for one, other in combinations(LAYOUTS, 2):
        if LAYOUTS[one].lacks == LAYOUTS[other].lacks:
            assert costs[one] == costs[other], (one, other)


@pytest.mark.parametrize("name", ["chat", "langfuse", "litellm", "helicone", "old spans", "claude code", "table"])
def test_neither_the_order_of_rows_nor_a_split_changes_the_figures(tmp_path: Path, name: str) -> None:
    layout = LAYOUTS[name]
    shuffled = list(LOG)
    Random(7).shuffle(shuffled)
    assert ingest_log(tmp_path, content_of(layout, "csv", shuffled)).query(FIGURES) == expect(LOG, layout.lacks)
    for half in (LOG[:10], LOG[10:]):
        assert ingest_log(tmp_path, content_of(layout, "lines", half)).query(FIGURES) == expect(half, layout.lacks)


@pytest.mark.parametrize("name", ["chat", "bedrock", "langsmith", "openrouter", "table"])
def test_a_line_of_totals_is_left_out(tmp_path: Path, name: str) -> None:
    layout = LAYOUTS[name]
    totals = MadeUpRequest(
        number=999,
        time=LOG[-1].time,
        seconds=1.0,
        model="",
        provider="",
        **{key: sum(getattr(one, key) for one in LOG) for key in ("fresh", "read", "write", "output", "reasoning")},
    )
    log = ingest_log(tmp_path, content_of(layout, "csv", (*LOG, totals)))
    assert log.query(FIGURES) == expect(LOG, layout.lacks)
    assert [one.rows for one in log.source.rejected] == [1]


def test_a_row_with_a_weight_is_as_many_equal_requests(tmp_path: Path) -> None:
    figures = """SELECT model, sum(requests)::INT, sum(fresh_input)::INT, sum(cache_read)::INT, sum(output)::INT,
            sum(cost)
        FROM priced GROUP BY model ORDER BY model"""
    head = "time,model,input_tokens,cached_tokens,output_tokens"
    single = [f"{one.iso},{one.model},{one.fresh + one.read},{one.read},{one.output}" for one in LOG]
    sums = [f"{one.iso},{one.model},{3 * (one.fresh + one.read)},{3 * one.read},{3 * one.output},3" for one in LOG]
    found = []
    for place, lines in enumerate(([head, *single * 3], [f"{head},requests", *sums])):
        (folder := tmp_path / str(place)).mkdir()
        log = ingest_log(folder, "\n".join(lines))
        found.append(Log(path=log.out).priced_log().fetch_all(figures))
    assert found[0] == found[1]


@pytest.mark.parametrize("name", ["table", "litellm", "langsmith"])
def test_two_files_in_an_archive_are_one_log(tmp_path: Path, name: str) -> None:
    layout = LAYOUTS[name]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        rows = write_rows(layout, LOG)
        columns = dict.fromkeys(key for row in rows for key in flatten(row))
        for place, part in enumerate((rows[:10], rows[10:])):
            archive.writestr(f"part-{place}.csv", write_csv([{**columns, **flatten(row)} for row in part]))
    assert ingest_log(tmp_path, packed.getvalue()).query(FIGURES) == expect(LOG, layout.lacks)
