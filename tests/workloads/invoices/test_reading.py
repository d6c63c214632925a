import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from core.exceptions import BadInput
from workloads.invoices.invoice import BilledCosts, LineKind
from workloads.invoices.reading import BOUNDS, read_invoice
from workloads.invoices.storage import read_invoice_in_child

D = Decimal


def read(folder: Path, content: str | dict[str, Any], suffix: str = "csv") -> BilledCosts:
    (path := folder / f"costs.{suffix}").write_text(content if isinstance(content, str) else json.dumps(content))
    return read_invoice(path, name=path.name, work=folder)


def openai_page(*results: dict[str, Any]) -> dict[str, Any]:
    bucket = {"object": "bucket", "start_time": 1793491200, "end_time": 1793577600, "results": list(results)}
    empty = {"object": "bucket", "start_time": 1793577600, "end_time": 1793664000, "results": []}
    return {"object": "page", "data": [bucket, empty], "has_more": False, "next_page": None}


def openai_result(value: float, line_item: str | None) -> dict[str, Any]:
    amount = {"value": value, "currency": "usd"}
    return {"object": "organization.costs.result", "amount": amount, "line_item": line_item, "project_id": None}


def test_openai_buckets(tmp_path: Path) -> None:
    page = openai_page(
        openai_result(0.06, "gpt-4o-2024-08-06, input"),
        openai_result(0.01, "gpt-4o-2024-08-06, cached input"),
        openai_result(0.5, "web search tool calls"),
    )
    invoice = read(tmp_path, page, "json")
    assert (invoice.format, invoice.currency, invoice.total) == ("openai_costs_api", "USD", D("0.57"))
    assert [(line.day, line.model, line.kind, line.amount) for line in invoice.lines] == [
        (date(2026, 11, 1), None, LineKind.FEE, D("0.5")),
        (date(2026, 11, 1), "gpt-4o-2024-08-06", LineKind.CACHE_READ, D("0.01")),
        (date(2026, 11, 1), "gpt-4o-2024-08-06", LineKind.FRESH_INPUT, D("0.06")),
    ]


def test_openai_dashboard(tmp_path: Path) -> None:
    invoice = read(
        tmp_path,
        "start_time,end_time,start_time_iso,amount_value,amount_currency,line_item,project_id\n"
        '1793491200,1793577600,2026-11-01T00:00:00+00:00,1.25,usd,"gpt-4o-mini-2024-07-18, output",p\n'
        '1793577600,1793664000,2026-11-02T00:00:00+00:00,0.75,usd,"gpt-4o-mini-2024-07-18, output",p\n',
    )
    assert invoice.format == "openai_costs_csv"
    assert [(str(line.day), line.amount) for line in invoice.lines] == [
        ("2026-11-01", D("1.25")),
        ("2026-11-02", D("0.75")),
    ]


def test_anthropic_report_is_in_cents(tmp_path: Path) -> None:
    tokens = {
        "currency": "USD", "amount": "123.45", "workspace_id": None, "cost_type": "tokens", "service_tier": "batch",
        "description": "Claude Sonnet 4.5 Usage - Input Tokens, Cache Hit", "model": "claude-sonnet-4-5-20250929",
        "token_type": "cache_read_input_tokens", "context_window": "0-200k",
    }  # fmt: skip
    search = {"currency": "USD", "amount": "100", "cost_type": "web_search", "model": None, "token_type": None}
    day = {"starting_at": "2026-11-01T00:00:00Z", "ending_at": "2026-11-02T00:00:00Z", "results": [tokens, search]}
    invoice = read(tmp_path, {"data": [day], "has_more": False, "next_page": None}, "json")
    assert invoice.format == "anthropic_costs_api"
    assert [(line.model, line.kind, line.tier, line.amount) for line in invoice.lines] == [
        (None, LineKind.FEE, None, D(1)),
        ("claude-sonnet-4-5-20250929", LineKind.CACHE_READ, "batch", D("1.2345")),
    ]


def test_anthropic_console(tmp_path: Path) -> None:
    invoice = read(
        tmp_path,
        "usage_date_utc,model,workspace,api_key,usage_type,context_window,token_type,cost_usd,list_price_usd,cost_type\n"
        "2026-11-01,Claude Haiku 4.5,Default,k,message,≤ 200k,input_no_cache,0.05,0.05,token\n"
        "2026-11-01,Claude Haiku 4.5,Default,k,batch,≤ 200k,output,0.02,0.04,token\n",
    )
    assert invoice.format == "anthropic_costs_csv"
    assert [(line.model, line.kind, line.tier, line.amount) for line in invoice.lines] == [
        ("Claude Haiku 4.5", LineKind.FRESH_INPUT, None, D("0.05")),
        ("Claude Haiku 4.5", LineKind.OUTPUT, "batch", D("0.02")),
    ]


def test_openrouter(tmp_path: Path) -> None:
    rows = "generation_id,created_at,cost_total,tokens_prompt,model_permaslug\n"
    rows += "g1,2026-11-03 08:14:06,0.002,9,openai/gpt-4o\n"
    assert read(tmp_path, rows).lines[0].model == "openai/gpt-4o"
    page = {"data": [{"date": "2026-11-01", "model_permaslug": "openai/gpt-4o", "usage": 0.98, "requests": 4}]}
    invoice = read(tmp_path, page, "json")
    assert (invoice.format, invoice.total) == ("openrouter_activity_api", D("0.98"))


def test_a_plain_table_as_excel_writes_it(tmp_path: Path) -> None:
    rows = "Datum;Modell;Betrag;Currency\n"
    rows += "01.11.2026;gpt-4o;1.234,50;EUR\n02.11.2026;gpt-4o;0,50;EUR\nTotal;;1.235,00;EUR\n"
    invoice = read(tmp_path, rows)
    assert (invoice.format, invoice.currency, invoice.total) == ("plain", "EUR", D("1235.00"))


def test_focus(tmp_path: Path) -> None:
    rows = (
        "ChargePeriodStart,BilledCost,BillingCurrency,ChargeCategory,ChargeDescription\n"
        '2026-11-01T00:00:00Z,2.5,USD,Usage,"gpt-4o, input"\n2026-11-01T00:00:00Z,0.5,USD,Tax,VAT\n'
    )
    invoice = read(tmp_path, rows)
    assert [(line.kind, line.amount) for line in invoice.lines] == [
        (LineKind.TAX, D("0.5")),
        (LineKind.FRESH_INPUT, D("2.5")),
    ]


def test_lines_in_another_currency_are_beside(tmp_path: Path) -> None:
    invoice = read(tmp_path, "day,model,amount,currency\n2026-11-01,a,1,USD\n2026-11-01,a,7,EUR\n")
    assert (invoice.currency, invoice.total, invoice.others) == ("USD", D(1), {"EUR": D(7)})


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("time,model,input_tokens,output_tokens\n2026-11-01,a,1,2\n", "has no column with an amount"),
        ("amount,note\n1,a\n", "neither days nor models"),
        ("day,amount\n2026-11-01,free\n", 'one of its cells is "free"'),
        ("hello\nworld\n", "has no column with an amount"),
    ],
)
def test_a_file_that_is_no_cost_export_is_refused(tmp_path: Path, content: str, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        read(tmp_path, content)


@pytest.mark.slow
def test_a_child_reads_the_same(tmp_path: Path) -> None:
    (path := tmp_path / "costs.csv").write_text("day,model,amount\n2026-11-01,gpt-4o,1.25\n")
    read_here = read_invoice(path, name="costs.csv", work=tmp_path)
    assert read_invoice_in_child(path, name="costs.csv", folder=tmp_path) == read_here
    path.write_text("nothing")
    with pytest.raises(BadInput, match="not a cost export"):
        read_invoice_in_child(path, name="costs.csv", folder=tmp_path)
    assert [each.name for each in tmp_path.iterdir()] == ["costs.csv"]


def test_every_row_of_a_long_file_counts_and_too_many_are_refused(tmp_path: Path) -> None:
    (path := tmp_path / "costs.csv").write_text("day,model,amount\n" + "2026-11-01,gpt-4o,1\n" * 5_002)
    invoice = read_invoice(path, name=path.name, work=tmp_path)
    assert (invoice.rows, invoice.total) == (5_002, D(5_002))
    with pytest.raises(BadInput, match="more than 5,001 rows"):
        read_invoice(path, name=path.name, work=tmp_path, bounds=replace(BOUNDS, rows=5_001))


def test_a_time_beyond_the_calendar_in_utc_is_no_day(tmp_path: Path) -> None:
    days = ("2026-11-01", "2026-11-02", "0001-01-01T00:00:00+14:00", "9999-12-31T23:00:00-12:00")
    invoice = read(tmp_path, "day,model,amount\n" + "".join(f"{day},gpt-4o,1\n" for day in days))
    assert (invoice.rows, invoice.total) == (2, D(2))
