"""Tables that are written otherwise than as one line a request: each is the same log."""

import io
import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.workloads.ingested_logs import ingest_log
from tests.support.workloads.workbooks import Rows, build_workbook
from workloads.ingest.bounds import DEFAULT_BOUNDS
from workloads.ingest.formats.registry import FORMATS
from workloads.ingest.mapping import resolve_mapping
from workloads.ingest.reading.documents.json_documents import iter_document_rows, iter_rows
from workloads.ingest.spreadsheets import write_sheet

NAMES = ("time", "model", "input_tokens", "output_tokens")
ROWS = (("2025-11-03T08:15:30Z", "gpt-4o", 1500, 40), ("2025-11-03T09:15:30Z", "gpt-4o-mini", 900, 30))
OBJECTS = [dict(zip(NAMES, row, strict=True)) for row in ROWS]
COLUMNS = {name: [row[place] for row in ROWS] for place, name in enumerate(NAMES)}


@pytest.mark.parametrize(
    "document",
    [
        COLUMNS,
        {name: {str(place): cell for place, cell in enumerate(cells)} for name, cells in COLUMNS.items()},
        {"columns": NAMES, "index": [0, 1], "data": ROWS},
        {"schema": {"fields": [{"name": name} for name in NAMES]}, "rows": ROWS},
        {"tables": [{"name": "Primary", "columns": [{"name": name} for name in NAMES], "rows": ROWS}]},
        {
            "frames": [
                {"schema": {"fields": [{"name": name} for name in NAMES]}, "data": {"values": [*COLUMNS.values()]}}
            ]
        },
        [NAMES, *ROWS],
    ],
    ids=["columns", "pandas", "split", "schema", "tables", "frames", "lists"],
)
def test_a_table_in_json_is_read(document: object) -> None:
    rows = [*iter_document_rows(io.BytesIO(json.dumps(document).encode()))]
    assert [{name: row[name] for name in NAMES} for row in rows] == OBJECTS


def test_keys_that_are_days_and_models_are_values() -> None:
    usage = {"input_tokens": 5, "output_tokens": 6}
    assert [
        *iter_rows({"2025-11-03": {"gpt-4o": usage, "o3": usage}, "2025-11-04": {"gpt-4o": usage}, "total": usage})
    ] == [
        {"date": "2025-11-03", "model": "gpt-4o", **usage},
        {"date": "2025-11-03", "model": "o3", **usage},
        {"date": "2025-11-04", "model": "gpt-4o", **usage},
    ]


def test_kinds_of_usage_are_no_rows() -> None:
    request = {"model": "gpt-4o", "usage": {"input": {"tokens": 5}, "output": {"tokens": 6}}}
    assert [*iter_rows(request)] == [request]


@pytest.mark.slow
def test_values_with_their_types_are_values(tmp_path: Path) -> None:
    mongo = {"createdAt": {"$date": "2025-11-03T08:15:30Z"}, "model": "gpt-4o", "promptTokens": {"$numberLong": "1500"}}
    dynamo = {"Item": {"model": {"S": "gpt-4o"}, "promptTokens": {"N": "1500"}, "completionTokens": {"N": "40"}}}
    for row in ({**mongo, "completionTokens": {"$numberInt": "40"}}, dynamo):
        log = ingest_log(tmp_path, json.dumps(row) + "\n" + json.dumps(row), name="log.jsonl")
        assert log.query("SELECT min(model), sum(fresh_input)::INT, sum(output)::INT FROM log.requests") == [
            ("gpt-4o", 3000, 80)
        ]


@pytest.mark.slow
def test_cells_as_programs_write_them_for_others(tmp_path: Path) -> None:
    text = (
        'when,LLM,input_tokens,cached_tokens,output_tokens,Batch\n="2025-11-03T08:15:30Z",gpt-4o,="1500",\\N,="40",ja\n'
        '="2025-11-03T08:15:31Z",gpt-4o,"=""12,34,567""",\\N,="40",nein\n'
    )
    log = ingest_log(tmp_path, text)
    assert log.query("SELECT fresh_input, cache_read, output, service_tier FROM log.requests ORDER BY row") == [
        (1500, 0, 40, "batch"),
        (1234567, 0, 40, None),
    ]


@pytest.mark.slow
def test_a_name_that_stands_only_above_its_group_holds_for_all_of_it(tmp_path: Path) -> None:
    rows = ["gpt-4o,5,6", ",7,8", ",9,8", "gpt-4o-mini,1,2", ",3,4"]
    log = ingest_log(tmp_path, "Model,Input tokens,Output tokens\n" + "\n".join(rows) + "\n")
    assert log.column("model") == ["gpt-4o"] * 3 + ["gpt-4o-mini"] * 2
    assert '"Model" is filled only in the first row of each group' in log.notes
    scattered = ingest_log(tmp_path, "Model,Input tokens,Output tokens\n,5,6\ngpt-4o,7,8\n,9,8\n,1,2\n")
    assert scattered.column("model") == [None, "gpt-4o", None, None]


@pytest.mark.slow
def test_events_without_usage_are_no_requests_unless_they_failed(tmp_path: Path) -> None:
    usage = {"prompt_tokens": 1500, "completion_tokens": 40}
    events: list[dict[str, Any]] = [
        {"time": "2025-11-03T08:15:30Z", "msg": "request started", "model": "gpt-4o"},
        {"time": "2025-11-03T08:15:31Z", "msg": "request done", "model": "gpt-4o", "usage": usage},
        {"time": "2025-11-03T08:15:32Z", "msg": "request failed", "model": "gpt-4o", "error": "429"},
    ]
    events += [{**event, "usage": {"prompt_tokens": 90, "completion_tokens": 7}} for event in events[1:2]] + events[::2]
    log = ingest_log(tmp_path, "\n".join(map(json.dumps, events)), name="log.jsonl")
    assert log.query("SELECT ok, count(*) FROM log.requests GROUP BY ok ORDER BY ok") == [(False, 2), (True, 2)]


def test_the_model_that_answered_goes_before_the_one_that_was_asked_for() -> None:
    columns = ["time", "model", "response_model", "input_tokens", "output_tokens"]
    mapping = resolve_mapping(FORMATS["tabular"], columns, {})
    assert mapping.list_columns("model") == ("response_model", "model")


def test_sheets_with_the_same_headings_are_read_together(tmp_path: Path) -> None:
    november: Rows = [["Title"], NAMES, ("2025-11-05", "gpt-4o", 1, 2)]
    months: dict[str, Rows] = {"About": [["Usage"]], "Oct": [NAMES, *ROWS], "Nov": november}
    (tmp_path / "log.xlsx").write_bytes(build_workbook(months))
    notes = write_sheet(tmp_path / "log.xlsx", tmp_path / "log.csv", DEFAULT_BOUNDS)
    assert (tmp_path / "log.csv").read_text().splitlines()[1:] == [
        "2025-11-03T08:15:30Z,gpt-4o,1500,40",
        "2025-11-03T09:15:30Z,gpt-4o-mini,900,30",
        "2025-11-05,gpt-4o,1,2",
    ]
    assert [str(note) for note in notes] == [
        'Read the sheets "Oct", "Nov", which have the same headings; 1 other sheet was left out.'
    ]


def test_a_sheet_that_repeats_rows_of_the_largest_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "log.xlsx").write_bytes(build_workbook({"All": [NAMES, *ROWS], "Mini": [NAMES, ROWS[1]]}))
    write_sheet(tmp_path / "log.xlsx", tmp_path / "log.csv", DEFAULT_BOUNDS)
    assert len((tmp_path / "log.csv").read_text().splitlines()) == 1 + len(ROWS)
