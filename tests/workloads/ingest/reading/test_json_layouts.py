"""JSON in any layout: the rows are the innermost objects with usage of their own."""

import json
from pathlib import Path
from typing import Any

import pytest

from core.exceptions import BadInput
from tests.support.workloads.ingested_logs import IngestedLog, ingest_log
from workloads.ingest.reading.documents import json_documents
from workloads.ingest.reading.documents.json_documents import iter_rows

pytestmark = pytest.mark.slow

ROW = {"time": "2026-05-01T10:00:07Z", "model": "gpt-4o", "input_tokens": 5, "output_tokens": 2}


def read(tmp_path: Path, document: Any, **options: Any) -> IngestedLog:
    return ingest_log(tmp_path, json.dumps(document, **options))


@pytest.mark.parametrize(
    "document",
    [
        [ROW, ROW],
        {"data": [ROW, ROW]},
        {"results": [ROW, ROW], "total": {"input_tokens": 10, "output_tokens": 4}},
        {"status": "ok", "page": {"items": [ROW, ROW]}},
        {"object": "page", "data": [{"object": "bucket", "results": [ROW, ROW]}], "has_more": False},
    ],
)
@pytest.mark.parametrize("indent", [None, 2])
def test_wrappers_are_unpacked(tmp_path: Path, document: Any, indent: int | None) -> None:
    log = read(tmp_path, document, indent=indent)
    assert log.column("fresh_input") == [5, 5]
    assert log.column("model") == ["gpt-4o", "gpt-4o"]


def test_pages_one_after_another_are_one_log(tmp_path: Path) -> None:
    page = json.dumps({"data": [ROW, ROW], "next_page": "x"})
    assert ingest_log(tmp_path, f"{page}\n{page}\n").source.rows == 4
    assert ingest_log(tmp_path, json.dumps([{"data": [ROW, ROW]}, {"data": [ROW]}])).source.rows == 3


def test_rows_inherit_the_start_of_their_bucket_but_no_totals(tmp_path: Path) -> None:
    bucket = {
        "start_time": 1_777_629_607,
        "total_tokens": 999,
        "results": [{"model": "gpt-4o", "input_tokens": 5, "output_tokens": 2, "num_model_requests": 3}],
    }
    log = read(tmp_path, {"data": [bucket], "count": 17})
    assert [at.isoformat() for at in log.column("at")] == ["2026-05-01T10:00:07"]
    assert log.column("requests") == [3]
    assert "count" not in log.source.ignored


def test_spans_of_opentelemetry_are_rows_with_the_resources_attributes(tmp_path: Path) -> None:
    attributes = [
        {"key": "gen_ai.request.model", "value": {"stringValue": "gpt-4o"}},
        {"key": "gen_ai.usage.input_tokens", "value": {"intValue": "5"}},
        {"key": "gen_ai.usage.output_tokens", "value": {"intValue": "2"}},
    ]
    span = {"startTimeUnixNano": "1777629607000000000", "spanId": "a", "attributes": attributes}
    document = {"resourceSpans": [{"resource": {"attributes": []}, "scopeSpans": [{"spans": [span, span]}]}]}
    log = read(tmp_path, document)
    assert log.query("SELECT model, fresh_input, output FROM log.requests") == [("gpt-4o", 5, 2)] * 2


def test_a_request_with_a_list_of_details_is_one_row(tmp_path: Path) -> None:
    row = {**ROW, "messages": [{"role": "user", "tokens": 3}, {"role": "assistant", "tokens": 4}]}
    log = read(tmp_path, [row, row])
    assert log.column("fresh_input") == [5, 5]


def test_usage_in_a_text_that_holds_json_is_read(tmp_path: Path) -> None:
    row = {"time": ROW["time"], "model": "gpt-4o", "usage": json.dumps({"input_tokens": 5, "output_tokens": 2})}
    assert ingest_log(tmp_path, f"{json.dumps(row)}\n" * 2).column("output") == [2, 2]


def test_a_list_is_read_one_by_one_however_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_documents, "_BUFFERED_ELEMENTS", 3)
    log = read(tmp_path, {"region": "eu", "data": [ROW] * 10, "after": "not inherited"})
    assert log.source.rows == 10
    assert "region" in log.source.ignored
    assert "after" not in log.source.ignored


def test_a_long_list_without_usage_is_read_only_so_far(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_documents, "_BUFFERED_ELEMENTS", 3)
    monkeypatch.setattr(json_documents, "_MAX_ELEMENTS", 4)
    log = ingest_log(tmp_path, json.dumps({**ROW, "hash_ids": list(range(50))}, indent=1))
    assert [len(blocks) for blocks in log.column("blocks")] == [7]


def test_lines_that_are_no_objects_are_rows_left_out_in_their_places(tmp_path: Path) -> None:
    good = json.dumps(ROW)
    log = ingest_log(tmp_path, "\n".join([good, good[:20], good, "[1]", "null", good, good, good]))
    assert [(one.why, one.rows, one.examples) for one in log.source.rejected] == [("no readable value", 3, (2, 4, 5))]
    assert log.column("row") == [1, 3, 6, 7, 8]


def test_a_file_of_lines_most_of_which_are_broken_is_refused(tmp_path: Path) -> None:
    good = json.dumps(ROW)
    with pytest.raises(BadInput, match="Only 20 of 80 rows"):
        ingest_log(tmp_path, "\n".join([good] * 20 + ["{broken"] * 60))


def test_json_that_was_cut_off_is_refused_wherever_it_ends(tmp_path: Path) -> None:
    whole = json.dumps({"data": [ROW, ROW]})
    for length in range(1, len(whole), 7):
        with pytest.raises(BadInput):
            ingest_log(tmp_path, whole[:length])


@pytest.mark.parametrize("deep", ["[" * 600 + "]" * 600, '{"a":' * 600 + "1" + "}" * 600])
def test_nesting_that_no_log_has_is_refused_or_not_looked_at(tmp_path: Path, deep: str) -> None:
    row = json.dumps(ROW)[:-1] + f', "deep": {deep}}}'
    with pytest.raises(BadInput, match="nested too deeply"):
        ingest_log(tmp_path, f"[{row}]")
    assert ingest_log(tmp_path, f"{row}\n{row}\n").source.rows == 2


def test_numbers_that_would_fill_the_memory_when_written_out_are_not(tmp_path: Path) -> None:
    rows = [json.dumps(ROW)] * 3 + ['{"time": "2026-05-01T10:00:07Z", "input_tokens": 1e999999999, "output_tokens": 1}']
    assert ingest_log(tmp_path, "\n".join(rows)).source.rows == 3
    with pytest.raises(BadInput):
        ingest_log(tmp_path, '[{"input_tokens": ' + "1" * 6_000 + ', "output_tokens": 2}]')


def test_half_a_surrogate_pair_is_replaced(tmp_path: Path) -> None:
    row = json.dumps({**ROW, "model": "a\ud800"})
    assert ingest_log(tmp_path, f"{row}\n{row}\n").column("model") == ["a?", "a?"]


def test_what_is_no_object_has_no_rows() -> None:
    assert list(iter_rows([1, 2])) == []
    assert list(iter_rows("text")) == []


NAMES = ["day", "model", "input_tokens", "output_tokens"]
CELLS = [["2026-03-01", "gpt-4o", "1000000", "100000"], ["2026-03-02", "o3", "2000000", "200000"]]
RESULTS: dict[str, Any] = {
    "snowflake": {
        "code": "0",
        "message": "ok",
        "requestId": "x",
        "statementHandle": "y",
        "createdOn": 5,
        "resultSetMetaData": {"rowType": [{"name": name} for name in NAMES]},
        "data": CELLS,
    },
    "bigquery": {
        "schema": {"fields": [{"name": name, "type": "STRING"} for name in NAMES]},
        "rows": [{"f": [{"v": cell} for cell in cells]} for cells in CELLS],
    },
    "databricks": {
        "statement_id": "x",
        "manifest": {"schema": {"columns": [{"name": name} for name in NAMES]}},
        "result": {"data_array": CELLS},
    },
    "athena": {
        "ResultSet": {
            "ResultSetMetadata": {"ColumnInfo": [{"Name": name} for name in NAMES]},
            "Rows": [{"Data": [{"VarCharValue": cell} for cell in cells]} for cells in (NAMES, *CELLS)],
        }
    },
    "clickhouse": {"meta": [{"name": name, "type": "String"} for name in NAMES], "data": CELLS, "rows": 2},
    "elasticsearch": {
        "took": 3,
        "aggregations": {
            "day": {
                "buckets": [
                    {
                        "key_as_string": f"{day}T00:00:00.000Z",
                        "doc_count": 9,
                        "model": {
                            "buckets": [
                                {
                                    "key": model,
                                    "doc_count": 9,
                                    "input_tokens": {"value": float(count)},
                                    "output_tokens": {"value": float(output)},
                                }
                            ]
                        },
                    }
                    for day, model, count, output in CELLS
                ]
            }
        },
    },
}


@pytest.mark.parametrize("name", RESULTS)
def test_results_of_warehouses_and_search_indexes_are_tables(name: str, tmp_path: Path) -> None:
    log = read(tmp_path, RESULTS[name])
    columns = ("model", "fresh_input", "output")
    assert list(zip(*(log.column(column) for column in columns), strict=True)) == [
        ("gpt-4o", 1_000_000, 100_000),
        ("o3", 2_000_000, 200_000),
    ]
    assert [at.day for at in log.column("at")] == [1, 2]
    assert log.source.requests == (18 if name == "elasticsearch" else None)
