from pathlib import Path

import pytest

from core.exceptions import BadInput
from tests.support.workloads.ingested_logs import IngestedLog, ingest_log

pytestmark = pytest.mark.slow

HEADER = "time,input_tokens,output_tokens"
GOOD = "2024-05-01,1,1\n"


def ingest_cells(tmp_path: Path, *cells: str) -> IngestedLog:
    rows = "".join(f'2024-05-01,"{cell}",1\n' for cell in cells)
    return ingest_log(tmp_path, f"{HEADER}\n{rows}{GOOD * len(cells)}")


@pytest.mark.parametrize(
    ("cell", "tokens"),
    [
        ("12", 12),
        (" 12 ", 12),
        ("12.0", 12),
        ("1e3", 1000),
        ("1,234", 1234),
        ("1,234,567", 1234567),
        ("+5", 5),
        ("0", 0),
    ],
)
def test_it_reads_a_whole_number_however_it_is_written(tmp_path: Path, cell: str, tokens: int) -> None:
    assert ingest_cells(tmp_path, cell).column("fresh_input")[0] == tokens


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ("-5", "is negative"),
        ("1.5", "is not a whole number"),
        ("12,5", "is not a number"),
        ("many", "is not a number"),
        ("=1+1", "is not a number"),
        ("0x10", "is not a number"),
        ("inf", "is not a number"),
        ("1e300", "is above 100,000,000"),
        ("100000001", "is above 100,000,000"),
        ("", "is empty"),
        ("null", "is empty"),
    ],
)
def test_it_leaves_a_row_out_and_says_why(tmp_path: Path, cell: str, why: str) -> None:
    log = ingest_cells(tmp_path, "7", cell, *["8"] * 4)  # where a tenth of the rows are above, they are sums
    assert [(one.why, one.rows, one.examples) for one in log.source.rejected] == [(f"input_tokens {why}", 1, (2,))]
    assert log.column("row") == [1, *range(3, 13)]


def test_it_names_the_users_own_column(tmp_path: Path) -> None:
    log = ingest_log(
        tmp_path, "ts,tok'in,output_tokens\n2024-05-01,-1,1\n2024-05-01,1,1\n", mapping={"input_tokens": "tok'in"}
    )
    assert log.source.rejected[0].why == 'input_tokens (column "tok\'in") is negative'


def test_it_refuses_a_log_most_of_whose_rows_are_unusable(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"Only 1 of 3 rows.*negative \(2 rows, e.g. row 1, 2\)"):
        ingest_log(tmp_path, f"{HEADER}\n2024-05-01,-1,1\n2024-05-01,-1,1\n{GOOD}")


def test_it_counts_ragged_rows_and_keeps_the_places_of_the_others(tmp_path: Path) -> None:
    log = ingest_log(
        tmp_path, f"{HEADER}\n{GOOD}2024-05-01,2\n2024-05-01,3,3,3\n2024-05-01,4,4\n2024-05-01,-5,5\n{GOOD * 3}"
    )
    assert [(one.rows, one.examples) for one in log.source.rejected] == [(2, (2, 3)), (1, (5,))]
    assert log.query("SELECT row, output FROM log.requests WHERE output > 1") == [(4, 4)]


def test_it_counts_lines_that_are_no_json(tmp_path: Path) -> None:
    good = '{"time": "2024-05-01", "input_tokens": 1, "output_tokens": 2}\n'
    log = ingest_log(tmp_path, good + '{"time": "2024-05-01", "inp\n' + good + "[1]\n" + good)
    assert log.source.rows == 3
    assert [(one.why, one.examples) for one in log.source.rejected] == [("no readable value", (2, 4))]


@pytest.mark.parametrize("form", ["[{0}, {0}]", "{0}\n{0}", "[\n  {0},\n  {0}\n]\n", "{0} {0}"])
def test_it_reads_json_lines_and_arrays(tmp_path: Path, form: str) -> None:
    log = ingest_log(tmp_path, form.replace("{0}", '{"input_tokens": 3, "output_tokens": 2}'))
    assert log.column("fresh_input") == [3, 3]


def test_it_counts_what_was_out_of_order(tmp_path: Path) -> None:
    log = ingest_log(tmp_path, f"{HEADER}\n2024-05-03,3,1\n2024-05-01,1,1\n2024-05-02,2,1\n2024-05-01,1,9\n")
    assert log.query('SELECT row FROM log.requests ORDER BY "at", row') == [(2,), (4,), (3,), (1,)]
    assert "2 rows were out of order" in log.notes


def test_it_reads_the_row_with_most_output_of_a_repeated_request_id(tmp_path: Path) -> None:
    """Streams are logged piece by piece; the last piece has the final counts, wherever it stands in the file."""
    rows = "a,2024-05-02,1,1\nb,2024-05-01,2,2\na,2024-05-01,3,3\n,2024-05-01,4,4\n,2024-05-01,5,5\n"
    log = ingest_log(tmp_path, f"request_id,{HEADER}\n{rows}")
    assert log.column("fresh_input") == [2, 3, 4, 5]
    assert [(one.why, one.examples) for one in log.source.rejected] == [
        ("an earlier or equal row of the same request", (1,))
    ]


def test_it_keeps_equal_rows_without_an_id_and_counts_them(tmp_path: Path) -> None:
    log = ingest_log(tmp_path, f"{HEADER}\n{GOOD * 3}2024-05-02,1,1\n")
    assert log.source.rows == 4
    assert "2 rows duplicate others" in log.notes


def test_it_keeps_names_as_they_are(tmp_path: Path) -> None:
    names = ["=HYPERLINK('x')", "<script>alert(1)</script>", "\x1b[31mred\x1b[0m", "'; DROP TABLE requests; --", "名前"]
    rows = "".join(f'2024-05-01,1,1,"{name}","{name}"\n' for name in names)
    log = ingest_log(tmp_path, f"{HEADER},model,feature\n{rows}")
    assert log.column("model") == names
    assert log.column("feature") == names


def test_it_keeps_columns_named_like_sql(tmp_path: Path) -> None:
    name = "a\"b'; DROP TABLE stage; --"
    header = name.replace('"', '""')
    log = ingest_log(tmp_path, f'"{header}",output_tokens,select\n5,6,7\n', mapping={"input_tokens": name})
    assert log.column("fresh_input") == [5]
    assert log.source.ignored == ("select",)


def test_it_tells_success_from_failure(tmp_path: Path) -> None:
    cells = ["success", "200", "429", "Failure", "weird", ""]
    rows = "".join(f"2024-05-01,1,1,{cell}\n" for cell in cells)
    log = ingest_log(tmp_path, f"{HEADER},status\n{rows}")
    assert log.column("ok") == [True, True, False, False, None, None]
    assert log.column("error") == [None, None, "429", "Failure", None, None]
    assert "1 row has a status that shows neither" in log.notes


def test_it_takes_silence_for_success_where_only_errors_are_written(tmp_path: Path) -> None:
    log = ingest_log(tmp_path, f"{HEADER},error\n2024-05-01,1,1,\n2024-05-01,1,,timeout\n")
    assert log.column("ok") == [True, False]
    assert log.column("output") == [1, 0]
    assert "1 request has no output token count" in log.notes


def test_it_reads_flags_lists_and_money(tmp_path: Path) -> None:
    header = f"{HEADER},stream,tools,hash_ids,cost,temperature"
    rows = (
        '2024-05-01,1,1,true,[],"[1, 2]",$0.000125,0\n'
        '2024-05-01,1,1,0,"[{""name"": ""search""}]",a b,-1,0.7\n'
        "2024-05-01,1,1,,3,,,\n"
    )
    log = ingest_log(tmp_path, f"{header}\n{rows}")
    assert log.column("streamed") == [True, False, None]
    assert log.column("has_tools") == [False, True, True]
    assert log.column("blocks") == [["1", "2"], ["a", "b"], None]
    assert [str(cost) for cost in log.column("logged_cost")] == ["0.000125000", "None", "None"]
    assert log.column("temperature") == [0.0, 0.7, None]


def test_it_reads_latency_from_whatever_tells_it(tmp_path: Path) -> None:
    assert ingest_log(tmp_path, f"{HEADER},latency_ms\n2024-05-01,1,1,1500\n").column("latency_ms") == [1500]
    assert ingest_log(tmp_path, f"{HEADER},latency\n2024-05-01,1,1,1.5\n").column("latency_ms") == [1500]
    assert ingest_log(tmp_path, f"{HEADER},latency\n2024-05-01,1,1,1500\n").column("latency_ms") == [1500]
    ended = ingest_log(tmp_path, f"{HEADER},end_time\n2024-05-01 10:00:00,1,1,2024-05-01T10:00:01.5Z\n")
    assert ended.column("latency_ms") == [1500]


def test_it_leaves_an_impossible_latency_empty_and_says_so(tmp_path: Path) -> None:
    log = ingest_log(tmp_path, f"{HEADER},latency_ms\n2024-05-01,1,1,-3\n2024-05-01,1,1,80\n")
    assert log.column("latency_ms") == [None, 80]
    assert "1 row has an unreadable or negative latency" in log.notes


def test_it_keeps_only_a_hash_of_prompts(tmp_path: Path) -> None:
    log = ingest_log(tmp_path, f"{HEADER},prompt\n2024-05-01,1,1,secret\n2024-05-01,1,2,secret\n2024-05-01,1,1,other\n")
    first, second, third = log.column("prompt_hash")
    assert first == second != third
    assert b"secret" not in log.out.read_bytes()
