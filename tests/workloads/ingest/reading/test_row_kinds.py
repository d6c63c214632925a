"""Rows that are no request of their own are left out, with the reason, and none of them is damage."""

import json
from pathlib import Path
from typing import Any

import pytest

from core.exceptions import BadInput
from tests.support.workloads.ingested_logs import IngestedLog, ingest_log

pytestmark = pytest.mark.slow

TIME = "2026-05-01T10:00:0"


def read(tmp_path: Path, *rows: dict[str, Any]) -> IngestedLog:
    return ingest_log(tmp_path, "\n".join(json.dumps({"time": f"{TIME}{n}Z", **row}) for n, row in enumerate(rows)))


def usage(tokens: int, output: int = 1, **more: Any) -> dict[str, Any]:
    return {"model": "gpt-4o", "input_tokens": tokens, "output_tokens": output, **more}


def reasons(log: IngestedLog) -> dict[str, int]:
    return {str(one.why): one.rows for one in log.source.rejected}


def test_a_span_that_repeats_the_usage_of_spans_inside_it_is_left_out(tmp_path: Path) -> None:
    log = read(
        tmp_path,
        usage(30, span_id="a", parent_span_id=""),
        {"span_id": "b", "parent_span_id": "a"},  # a step without usage between them
        usage(10, span_id="c", parent_span_id="b"),
        usage(20, 2, span_id="d", parent_span_id="b"),
        usage(5, span_id="e", parent_span_id="elsewhere"),
    )
    assert log.column("fresh_input") == [10, 20, 5]
    assert reasons(log)["repeats the usage of the steps inside it"] == 1


def test_spans_in_a_circle_end(tmp_path: Path) -> None:
    log = read(
        tmp_path, usage(7, span_id="a", parent_span_id="b"), usage(8, 9, span_id="b", parent_span_id="a"), usage(5)
    )
    assert log.column("fresh_input") == [5]


def test_an_agents_span_counts_only_where_its_calls_are_not_in_the_file(tmp_path: Path) -> None:
    spans = [
        usage(30, trace_id="one", name="invoke_agent helper"),
        usage(30, trace_id="one", name="chat gpt-4o"),
        usage(40, trace_id="two", name="invoke_agent helper"),
    ]
    log = read(tmp_path, *spans)
    assert log.column("fresh_input") == [30, 40]
    assert log.column("row") == [2, 3]


def test_pieces_of_a_stream_are_one_request_with_the_final_counts(tmp_path: Path) -> None:
    log = read(
        tmp_path, usage(9, 1, request_id="a"), usage(9, 50, request_id="a"), usage(9, 50, request_id="a"), usage(3, 4)
    )
    assert log.column("output") == [50, 4]
    assert log.column("row") == [2, 4]
    assert reasons(log) == {"an earlier or equal row of the same request": 2}


def test_attempts_at_several_models_under_one_id_were_all_paid(tmp_path: Path) -> None:
    log = read(tmp_path, usage(9, request_id="a"), usage(9, request_id="a", model="o3"), usage(3, 4))
    assert log.source.rows == 3


def test_an_event_that_was_sent_again_does_not_raise_the_running_total(tmp_path: Path) -> None:
    events = [
        {"last": {"input_tokens": tokens, "output_tokens": 1}, "total_token_usage": {"total_tokens": total}}
        for tokens, total in ((10, 11), (10, 11), (20, 32), (20, 32))
    ]
    log = read(tmp_path, *({"model": "gpt-5", **event} for event in events))
    assert log.column("fresh_input") == [10, 20]
    assert reasons(log) == {"repeats an event: its running total did not grow": 2}


def test_the_line_with_the_total_of_all_others_is_left_out(tmp_path: Path) -> None:
    lines = "".join(f"2026-05-0{n}T10:0{n}:07Z,{n * 10},{n}\n" for n in (1, 2, 4))
    log = ingest_log(tmp_path, f"time,input_tokens,output_tokens\n{lines}2026-05-09T10:00:07Z,70,7\n")
    assert log.column("output") == [1, 2, 4]
    assert reasons(log) == {"the total of the other rows": 1}


@pytest.mark.parametrize("row", [(70, 8), (69, 7)])
def test_a_row_that_only_resembles_a_total_is_a_request(tmp_path: Path, row: tuple[int, int]) -> None:
    lines = "".join(f"2026-05-0{n}T10:0{n}:07Z,{n * 10},{n}\n" for n in (1, 2, 4))
    log = ingest_log(tmp_path, f"time,input_tokens,output_tokens\n{lines}2026-05-09T10:00:07Z,{row[0]},{row[1]}\n")
    assert log.source.rows == 4


def test_a_row_among_others_equals_their_sum_by_chance(tmp_path: Path) -> None:
    rows = [usage(1), usage(3, 3), usage(1), usage(1)]
    assert read(tmp_path, *rows).source.rows == 4
    assert read(tmp_path, rows[0], {**rows[1], "model": None}, *rows[2:]).source.rows == 3


def test_of_two_rows_neither_is_the_total_of_the_other(tmp_path: Path) -> None:
    assert read(tmp_path, usage(5), usage(5)).source.rows == 2


def test_user_turns_and_spans_without_usage_are_no_requests(tmp_path: Path) -> None:
    turns = [{"type": "user"}, {"type": "assistant", **usage(5)}] * 3 + [{"type": "summary"}]
    log = read(tmp_path, *turns)
    assert log.source.rows == 3
    assert reasons(log) == {"no request: it has no usage": 4}


def test_a_failed_request_without_counts_is_a_request_all_the_same(tmp_path: Path) -> None:
    log = read(tmp_path, usage(5, status="success"), {"model": "gpt-4o", "status": "error"})
    assert log.column("ok") == [True, False]


def test_a_second_line_of_headings_is_left_out_and_more_of_them_are_no_damage(tmp_path: Path) -> None:
    rows = "2026-05-01T10:00:01Z,7,1\n"
    header = "time,input_tokens,output_tokens\n"
    log = ingest_log(tmp_path, f"{header}UTC,tokens,tokens\n{rows}{header}{rows}{header}")
    assert log.column("fresh_input") == [7, 7]
    assert reasons(log) == {"a line of headings": 3}


def test_what_is_no_request_does_not_count_as_damage_but_broken_rows_do(tmp_path: Path) -> None:
    turns = [{"type": "user"}] * 9 + [{"type": "assistant", **usage(5)}]
    assert read(tmp_path, *turns).source.rows == 1
    with pytest.raises(BadInput, match="Only 1 of 3 rows"):
        read(tmp_path, usage(5), usage(-5), usage(-6))


DAY = "2026-05-0{day}"


def test_rows_of_all_models_beside_the_models_are_totals(tmp_path: Path) -> None:
    rows = [
        f"{DAY.format(day=day)},{model},{team},{count * 1_000},{count * 10}"
        for day in (1, 2, 3)
        for model, team, count in (
            *(("gpt-4o", "search", 5 + day), ("gpt-4o-mini", "search", 7 * day), ("All models", "search", 5 + 8 * day)),
            *(("gpt-4o", "Total", 5 + day), ("gpt-4o-mini", "Total", 7 * day), ("All models", "Total", 5 + 8 * day)),
        )
    ]
    log = ingest_log(tmp_path, "day,model,team,input_tokens,output_tokens\n" + "\n".join(rows))
    assert sorted(set(log.column("model"))) == ["gpt-4o", "gpt-4o-mini"]
    assert set(log.column("team")) == {"search"}
    assert sum(log.column("output")) == 10 * sum(5 + 8 * day for day in (1, 2, 3))
    assert reasons(log) == {"the total of the other rows": 12}


def test_a_team_that_is_called_all_is_no_total(tmp_path: Path) -> None:
    rows = [f"{DAY.format(day=day)},gpt-4o,{team},{count}000,{count}" for day in (1, 2, 3) for team, count in TEAMS]
    log = ingest_log(tmp_path, "day,model,team,input_tokens,output_tokens\n" + "\n".join(rows))
    assert log.source.rows == 6


TEAMS = (("All hands", 40), ("search", 50))


ROLLUP = """date,project,model,input_tokens,output_tokens
2026-10-01,,gpt-4o,3000,300
2026-10-01,alpha,gpt-4o,1000,100
2026-10-01,beta,gpt-4o,2000,200
2026-10-02,,gpt-4o,1500,150
2026-10-02,alpha,gpt-4o,1500,150
2026-10-01,,,3700,370
2026-10-01,alpha,gpt-4o-mini,700,70
2026-10-01,,gpt-4o-mini,700,70
2026-10-02,,,1500,150
"""


def test_rows_without_a_name_that_sum_up_those_with_one_are_totals(tmp_path: Path) -> None:
    log = ingest_log(tmp_path, ROLLUP)
    assert log.column("fresh_input") == [1000, 2000, 1500, 700]
    assert reasons(log) == {"the total of the other rows": 5}


@pytest.mark.parametrize("line", ["2026-10-01,,gpt-4o,5,5\n", "2026-10-02,,gpt-4o,1,1\n"])
def test_rows_without_a_name_beside_their_sums_are_nobodys_requests(tmp_path: Path, line: str) -> None:
    rows = "".join(ROLLUP.splitlines(keepends=True)[:4]) + line  # one that is no sum makes all of them doubtful
    assert len(ingest_log(tmp_path, rows + "2026-10-02,alpha,gpt-4o,7,7\n").column("row")) == 5


def test_a_row_beside_one_without_usage_is_no_total_of_it(tmp_path: Path) -> None:
    rows = "2026-10-01,gpt-4o,1000,100\n2026-10-02,gpt-4o,1000,100\n2026-10-03,,0,0\n"
    log = ingest_log(tmp_path, "date,model,input_tokens,output_tokens\n" + rows)
    assert log.column("fresh_input") == [1000, 1000, 0]


PERIODS = """granularity,start,model,input_tokens,output_tokens
day,2026-10-01,gpt-4o,1000,100
day,2026-10-02,gpt-4o,2000,200
week,2026-09-28,gpt-4o,3000,300
Month,2026-10-01,gpt-4o,9000,900
day,2026-10-05,gpt-4o,3000,300
day,2026-10-06,gpt-4o,3000,300
week,2026-10-05,gpt-4o,6000,600
"""


def test_periods_that_consist_of_shorter_ones_are_counted_once(tmp_path: Path) -> None:
    log = ingest_log(tmp_path, PERIODS)
    assert log.column("fresh_input") == [1000, 2000, 3000, 3000]
    assert reasons(log) == {"the total of a longer period, beside those of the periods in it": 3}


@pytest.mark.parametrize("name", ["plan", "billing_period", "frequency"])
def test_customers_who_pay_by_the_month_are_counted(tmp_path: Path, name: str) -> None:
    assert len(ingest_log(tmp_path, PERIODS.replace("granularity", name)).column("row")) == 7


@pytest.mark.parametrize(("other", "model", "rows"), [("o3", "gpt-4o", 3), ("gpt-4o", "gpt-4o", 3), ("o3", "", 2)])
def test_a_row_with_a_time_and_a_model_of_others_is_no_total(other: str, model: str, rows: int, tmp_path: Path) -> None:
    parts = f"2026-03-01T10:00:01Z,gpt-4o,100,10\n2026-03-01T10:00:02Z,{other},100,10\n"
    log = ingest_log(tmp_path, f"time,model,input_tokens,output_tokens\n{parts}2026-03-01T10:00:03Z,{model},200,20\n")
    assert len(log.column("row")) == rows


def test_a_span_beside_the_calls_is_no_request_though_its_counts_are_0(tmp_path: Path) -> None:
    call = {"type": "GENERATION", "startTime": f"{TIME}0Z", "traceId": "a", "model": "gpt-4o", "promptTokens": 5}
    rows = [
        call | {"id": "1", "completionTokens": 1, "usageDetails": {"input": 5, "output": 1}},
        call | {"id": "2", "type": "SPAN", "model": None, "promptTokens": 0, "completionTokens": 0, "usageDetails": {}},
    ]
    log = ingest_log(tmp_path, json.dumps(rows), name="log.json")
    assert log.column("fresh_input") == [5]
    assert reasons(log) == {"no request: it has no usage": 1}
