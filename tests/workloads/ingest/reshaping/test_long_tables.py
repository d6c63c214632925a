"""Tables with one kind of tokens a row become one with a column for each kind; what is not understood is refused."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from core.exceptions import BadInput
from tests.support.workloads.ingested_logs import IngestedLog, ingest_log
from workloads.analysis.opening import open_analysis
from workloads.pricing.assumptions import NO_ASSUMPTIONS

pytestmark = pytest.mark.slow

BUCKETS = ("fresh_input", "cache_read", "cache_write", "output", "requests")

BILL = """date,model,token_type,quantity,cost
2026-10-01,gpt-4o,input,1000000,2.50
2026-10-01,gpt-4o,output,200000,2.00
2026-10-01,gpt-4o,cached_input,400000,0.50
2026-10-02,gpt-4o-mini,input,5000000,0.75
2026-10-02,gpt-4o-mini,output,1000000,0.60
2026-10-02,gpt-4o,output,300000,3.00
2026-10-02,gpt-4o,input,2000000,5.00
"""
GERMAN = "Datum;Modell;Tokenart;Menge\n01.10.2026;gpt-4o;Eingabe;3.000.000\n01.10.2026;gpt-4o;Ausgabe;200.000\n"
METRICS = """timestamp,model,metric,value,unit
2026-10-01T00:00:00Z,gpt-4o,prompt_tokens,1000000,tokens
2026-10-01T00:00:00Z,gpt-4o,completion_tokens,200000,tokens
2026-10-01T00:00:00Z,gpt-4o,cached_tokens,400000,tokens
2026-10-01T00:00:00Z,gpt-4o,total_tokens,1200000,tokens
2026-10-01T00:00:00Z,gpt-4o,requests,120,requests
"""
ITEMS = """Date,Line item,Quantity
2026-10-01,"gpt-4o-2024-08-06, input",1000000
2026-10-01,"gpt-4o-2024-08-06, output",200000
2026-10-01,"gpt-4o-mini, input",5000000
2026-10-01,"gpt-4o-mini, output",1000000
"""
REQUESTS = """request_id,created_at,model,token_type,tokens
r1,2026-10-01T10:00:03Z,gpt-4o,prompt,1200
r2,2026-10-01T10:00:07Z,gpt-4o,prompt,2200
r1,2026-10-01T10:00:03Z,gpt-4o,completion,300
r2,2026-10-01T10:00:07Z,gpt-4o,completion,100
"""
CLAUDE = json.dumps(
    [
        {"day": "2026-10-01", "model": "claude-sonnet-4-5", "usage_type": kind, "usage_quantity": count}
        for kind, count in [
            ("Input Tokens", 1_000_000),
            ("Output Tokens", 200_000),
            ("Cache Read Tokens", 3_000_000),
            ("Cache Write Tokens", 100_000),
        ]
    ]
)
TWICE = "date,model,type,tokens\n" + "2026-10-01,gpt-4o,input,1000\n2026-10-01,gpt-4o,output,10\n" * 2
"""Two rows of each kind: nothing tells which belong together, but their sums are right."""


@pytest.mark.parametrize(
    ("content", "sums", "spend"),
    [
        (BILL, (8_000_000, 400_000, 0, 1_500_000, None), "14.35"),  # 7.50 + 0.50 + 5.00 and 0.75 + 0.60
        (GERMAN, (3_000_000, 0, 0, 200_000, None), "9.50"),
        (METRICS, (600_000, 400_000, 0, 200_000, 120), "4.00"),  # 1.50 + 0.50 + 2.00
        (ITEMS, (6_000_000, 0, 0, 1_200_000, None), "5.85"),  # 2.50 + 2.00 + 0.75 + 0.60
        (REQUESTS, (3_400, 0, 0, 400, 2), "0.0125"),
        (CLAUDE, (1_000_000, 3_000_000, 100_000, 200_000, None), "7.275"),  # 3.00 + 0.90 + 0.375 + 3.00
        (TWICE, (2_000, 0, 0, 20, 2), "0.0052"),
    ],
    ids=["bill", "German", "metrics", "line items", "requests", "JSON", "twice"],
)
def test_the_rows_of_a_request_or_sum_are_joined(
    tmp_path: Path, content: str, sums: tuple[int | None, ...], spend: str
) -> None:
    log = ingest_log(tmp_path, content)
    assert tuple(_sum(log, bucket) for bucket in BUCKETS) == sums
    with open_analysis(log.out, tmp_path / "scratch", NO_ASSUMPTIONS) as analysis:
        assert analysis.spend().total == Decimal(spend)
    assert "so rows that agree in all else were joined" in log.notes


def test_it_says_that_input_was_read_without_cached_tokens(tmp_path: Path) -> None:
    assert '"input" was read as input without cached tokens' in ingest_log(tmp_path, BILL).notes
    assert "without cached tokens" not in ingest_log(tmp_path, METRICS).notes


@pytest.mark.parametrize(
    "content",
    [
        BILL + "2026-10-02,gpt-4o,fine-tuning training,7,1.00\n",  # its tokens would be lost
        METRICS.replace(",tokens", ",1K tokens"),
        BILL.replace(",quantity,", ",how_many,"),
        BILL + '2026-10-02,gpt-4o,output,"7\n',
        "date,model,token_type,quantity\n2026-10-01,gpt-4o,output,5\n2026-10-01,gpt-4o,cached_input,5\n",
    ],
    ids=["unknown kind", "units", "no amount", "broken line", "no input"],
)
def test_what_is_not_understood_is_refused(tmp_path: Path, content: str) -> None:
    with pytest.raises(BadInput, match="Each row has one kind of tokens"):
        ingest_log(tmp_path, content)


def test_a_table_with_a_column_for_each_kind_stays_as_it_is(tmp_path: Path) -> None:
    rows = "2026-10-01,gpt-4o,input,1000,10\n2026-10-01,gpt-4o,output,1000,10\n"
    log = ingest_log(tmp_path, "date,model,token_type,input_tokens,output_tokens\n" + rows)
    assert log.column("fresh_input") == [1000, 1000]


def _sum(log: IngestedLog, bucket: str) -> int | None:
    values = log.column(bucket)
    return None if None in values else int(sum(values))


TRANSACTION = {"user": "u1", "conversationId": "c1", "context": "message", "__v": 0}


def _write_transactions(lines: list[dict[str, object]]) -> str:
    """LibreChat's: each row has an ID and a time of its own, and takes tokens from a balance."""
    rows = (
        {**TRANSACTION, "_id": f"id{place}", "createdAt": f"2026-03-01T10:00:00.{place:03}Z", **line}
        for place, line in enumerate(lines)
    )
    return "\n".join(map(json.dumps, rows))


TRANSACTIONS: list[dict[str, object]] = [
    {"tokenType": "prompt", "model": "gpt-4o", "rawAmount": -1000, "rate": 2.5, "tokenValue": -2500},
    {"tokenType": "completion", "model": "gpt-4o", "rawAmount": -200, "rate": 10, "tokenValue": -2000},
    {"tokenType": "credits", "rawAmount": 20_000_000, "rate": 1, "tokenValue": 20_000_000},
    {
        "tokenType": "prompt",
        "model": "claude-sonnet-4-5",
        "rawAmount": -6000,
        "tokenValue": -11400,
        "rate": 1.9,
        "inputTokens": -1000,
        "writeTokens": -2000,
        "readTokens": -3000,
    },
    {"tokenType": "completion", "model": "claude-sonnet-4-5", "rawAmount": -300, "rate": 15, "tokenValue": -4500},
]


def test_transactions_become_requests_with_their_cached_tokens_and_cost(tmp_path: Path) -> None:
    log = ingest_log(tmp_path, _write_transactions(TRANSACTIONS))
    counts = [tuple(log.column(bucket)) for bucket in BUCKETS]
    assert counts == [(1_000, 1_000), (0, 3_000), (0, 2_000), (200, 300), (1, 1)]
    assert (log.column("end_user"), log.column("session")) == (["u1", "u1"], ["c1", "c1"])
    assert [str(cost) for cost in log.column("logged_cost")] == ["0.004500000", "0.015900000"]
    with open_analysis(log.out, tmp_path / "scratch", NO_ASSUMPTIONS) as analysis:
        assert analysis.spend().total == Decimal("0.0204")  # 0.0025 + 0.002, 0.003 + 0.0075 + 0.0009 + 0.0045
    assert "each row of one kind was joined with the next of the others" in log.notes


@pytest.mark.parametrize(
    "change",
    [
        {"rawAmount": 200},  # given back: of which request?
        {"tokenType": "presentation"},
    ],
)
def test_transactions_that_are_not_understood_are_refused(change: dict[str, object], tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="Each row has one kind of tokens"):
        ingest_log(tmp_path, _write_transactions([*TRANSACTIONS, {**TRANSACTIONS[1], **change}]))


def test_outputs_without_inputs_of_their_own_are_refused(tmp_path: Path) -> None:
    rows = "".join(f"2026-10-0{n},gpt-4o,{kind},5\n" for n, kind in enumerate(("input", "output", "output"), 1))
    with pytest.raises(BadInput, match="Each row has one kind of tokens"):
        ingest_log(tmp_path, f"date,model,token_type,quantity\n{rows}")


def test_the_name_of_a_count_may_have_several_words(tmp_path: Path) -> None:
    log = ingest_log(tmp_path, GERMAN.replace("Menge", "Anzahl Token"))
    assert (log.column("fresh_input"), log.column("output")) == ([3_000_000], [200_000])


def test_parts_that_do_not_add_up_are_refused(tmp_path: Path) -> None:
    wrong = [*TRANSACTIONS[:3], {**TRANSACTIONS[3], "readTokens": -2999}, TRANSACTIONS[4]]
    with pytest.raises(BadInput, match="Each row has one kind of tokens"):
        ingest_log(tmp_path, _write_transactions(wrong))


def test_the_costs_of_joined_rows_are_added(tmp_path: Path) -> None:
    assert sum(ingest_log(tmp_path, BILL).column("logged_cost")) == Decimal("14.35")
