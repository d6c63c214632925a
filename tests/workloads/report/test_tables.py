"""Every table of a report as CSV, exact and safe to open in a spreadsheet."""

import csv
import io
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from core.i18n.text import text
from tests.support.workloads.builder import Requests
from workloads.invoices.invoice import Reconciliation, ReconciliationPart, ResidualCause
from workloads.report.report import Report
from workloads.report.tables import MAX_STEM, build_tables, name_file, pack_tables, to_csv, unpack_tables

pytestmark = pytest.mark.slow

ALWAYS = {"model": "gpt-4o", "fresh_input": 2_048, "output": 10, "ok": True}


def write_report(tmp_path: Path, *rows: dict[str, Any]) -> Report:
    log = Requests(always=ALWAYS)
    for second, values in enumerate(rows):
        log.add(second * 60, **values)
    with log.write(tmp_path).analysis() as analysis:
        return analysis.report()


def read(report: Report) -> dict[str, list[dict[str, str]]]:
    files = unpack_tables(pack_tables(build_tables(report)))
    return {name: list(csv.DictReader(io.StringIO(text, newline=""))) for name, text in files.items()}


def test_each_table_of_spend_sums_to_the_exact_total(tmp_path: Path) -> None:
    rows = [{"team": f"t{n % 3}", "end_user": f"u{n}", "output": 10**8 + n} for n in range(60)]
    report = write_report(tmp_path, *rows)
    assert report.spend is not None
    assert len(report.spend.total.as_tuple().digits) > 15  # more than a JSON number can hold
    tables = read(report)
    names = {"spend-by-team", "spend-by-user", "spend-by-model", "spend-by-token-type", "spend-over-time"}
    assert names <= set(tables)
    for name in names:
        assert sum(Decimal(row["cost_usd"]) for row in tables[name]) == report.spend.total, name


def test_the_part_without_an_owner_is_first_and_has_no_name(tmp_path: Path) -> None:
    first, second = read(write_report(tmp_path, {"team": "a"}, {}, {"team": "a"}))["spend-by-team"]
    assert (first["team"], first["requests"], second["team"], second["requests"]) == ("", "1", "a", "2")


def test_an_unknown_amount_is_an_empty_cell(tmp_path: Path) -> None:
    tables = read(write_report(tmp_path, {"team": "a"}, {"team": "b", "model": "unheard-of"}))
    unpriced = next(row for row in tables["spend-by-team"] if row["team"] == "b")
    assert (unpriced["cost_usd"], unpriced["share"], unpriced["unpriced_tokens"]) == ("", "", "2058")
    unknown = [row["saving_usd"] for row in tables["levers"] if row["basis"] == "unknown"]
    assert unknown
    assert set(unknown) == {""}


def test_no_cell_is_a_formula(tmp_path: Path) -> None:
    teams = [f"{start}HYPERLINK(1)" for start in ("=", "+", "-", "@", "\t", "\uff1d")]
    rows = read(write_report(tmp_path, *({"team": team} for team in teams)))["spend-by-team"]
    assert {row["team"] for row in rows} == {f"'{team}" for team in teams}


def test_a_secret_in_a_name_is_removed(tmp_path: Path) -> None:
    tables = build_tables(write_report(tmp_path, {"feature": "sk-proj-A1b2C3d4E5f6G7h8I9j0"}))
    assert "A1b2C3d4" not in "".join(unpack_tables(pack_tables(tables)).values())


def test_the_savings_and_the_plan_are_tables(tmp_path: Path) -> None:
    report = write_report(tmp_path, {}, {"ok": False}, {})
    tables = read(report)
    assert [row["lever"] for row in tables["levers"]] == [lever.name for lever in report.levers]
    assert len(tables["plan"]) == len(report.plan) > 0
    assert {row["model"] for row in tables["prices"]} == {"gpt-4o"}


def test_what_another_model_would_cost_is_a_table(tmp_path: Path) -> None:
    log = Requests(always=ALWAYS).add(output=1_000).add(60, model="gpt-4.1", output=1_000)
    with log.write(tmp_path).analysis(target_model="gpt-4o-mini") as analysis:
        report = analysis.report()
    assert report.what_if is not None
    rows = read(report)["what-if"]
    assert {row["model"] for row in rows} == {"gpt-4o", "gpt-4.1"}
    assert sum(Decimal(row["now_usd"]) for row in rows) == report.what_if.now
    assert sum(Decimal(row["then_most_usd"]) for row in rows) == report.what_if.then_most


def test_the_comparison_with_the_invoice_is_tables_that_sum_to_it(tmp_path: Path) -> None:
    parts = tuple(
        ReconciliationPart(name=name, logged=Decimal(logged), billed=Decimal(billed))
        for name, logged, billed in (("2026-06-01", "1.5", "2.25"), ("2026-06-02", "3", "3.000000000001"))
    )
    billed, logged = (sum((getattr(part, side) for part in parts), Decimal(0)) for side in ("billed", "logged"))
    found = Reconciliation(
        invoice="costs.csv",
        format=text("OpenAI costs"),
        currency="USD",
        billed=billed,
        logged=logged,
        residual=billed - logged,
        unexplained=Decimal("0.000000000001"),
        causes=(ResidualCause(name="tax", what=text("taxes"), amount=Decimal("0.75")),),
        by_day=parts,
        by_model=(),
        by_kind=parts[:1],
        shift_minutes=0,
        others={},
        notes=(),
    )
    tables = read(replace(write_report(tmp_path, {}), reconciliation=found))
    assert sum(Decimal(row["residual_usd"]) for row in tables["invoice-by-day"]) == found.residual
    assert sum(Decimal(row["amount_usd"]) for row in tables["invoice-causes"]) == found.residual
    assert [row["kind"] for row in tables["invoice-by-kind"]] == ["2026-06-01"]
    assert "invoice-by-model" not in tables


def test_a_failed_part_has_no_table(tmp_path: Path) -> None:
    with Requests(always=ALWAYS).add(0).write(tmp_path).analysis() as analysis:
        report = analysis.report(levers=(), missing=("optimization",))
    assert {table.name for table in build_tables(report)} & {"levers", "plan", "waterfall"} == set()
    assert unpack_tables("") == {}


def test_a_table_is_plain_csv(tmp_path: Path) -> None:
    table = next(one for one in build_tables(write_report(tmp_path, {"team": 'a,"b"'})) if one.name == "spend-by-team")
    assert to_csv(table).splitlines()[0] == "team,requests,tokens,unpriced_tokens,cost_usd,share,names,stated_usd"
    assert to_csv(table).splitlines()[1].startswith('"a,""b""",1,2058,0,0.0052')


@pytest.mark.parametrize(
    ("log", "stem"),
    [
        ("october.csv", "october"),
        ("usage.2026.jsonl.gz", "usage.2026.jsonl"),
        ("../../etc/passwd", "log"),
        ('a"b\r\nc.csv', "a-b-c"),
        ("Öl & Gas.csv", "l-Gas"),
        ("…", "log"),
        ("x" * 500, "x" * MAX_STEM),
    ],
)
def test_a_file_is_named_after_the_log_and_the_day(log: str, stem: str) -> None:
    assert name_file(log, date(2026, 11, 29), "plan") == f"{stem}_2026-11-29_plan.csv"
