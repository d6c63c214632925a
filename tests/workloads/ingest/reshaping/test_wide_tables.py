"""Tables with columns per model become tables with a row per model."""

from decimal import Decimal
from pathlib import Path

import pytest

from core.exceptions import BadInput
from tests.support.workloads.ingested_logs import ingest_log
from workloads.analysis.opening import open_analysis
from workloads.ingest.reshaping.wide_tables import split_model
from workloads.pricing.assumptions import NO_ASSUMPTIONS

pytestmark = pytest.mark.slow

PAIRS = """date,gpt-4o input,gpt-4o output,gpt-4o-mini input,gpt-4o-mini output,Total input,Total cost
2026-01-01,1000000,100000,2000000,200000,3000000,4
2026-01-02,1500000,150000,0,,1500000,5
Total,2500000,250000,2000000,200000,4500000,9
"""
KINDS_FIRST = """Tag;Team;Eingabe (gpt-4o);Ausgabe (gpt-4o);Eingabe (Haus-Modell);Ausgabe (Haus-Modell);\
Anfragen (gpt-4o);Anfragen (Haus-Modell)
01.02.2026;Suche;1.000.000;100.000;2.000.000;200.000;7;8
02.02.2026;Suche;500.000;50.000;;;3;
"""
METRICS = """Date,Metric,gpt-4o,gpt-4o-mini
2026-01-01,Prompt tokens,1000000,2000000
2026-01-01,Output tokens,100000,200000
2026-01-01,Cached tokens,400000,
"""
THOUSANDS = """Week,gpt-4o input (k),gpt-4o output (k)
KW 1 2026,1000,100
KW 2 2026,1500,150
"""

FIRST = ("gpt-4o", 1_000_000, 0, 100_000)


@pytest.mark.parametrize(
    ("content", "rows", "spend", "requests"),
    [
        # 2.50 + 1.00, 0.30 + 0.12, 3.75 + 1.50
        (
            PAIRS,
            [
                FIRST,
                ("gpt-4o-mini", 2_000_000, 0, 200_000),
                ("gpt-4o", 1_500_000, 0, 150_000),
            ],
            "9.17",
            None,
        ),
        # 2.50 + 1.00, 1.25 + 0.50; and a model without a price
        (
            KINDS_FIRST,
            [
                FIRST,
                ("Haus-Modell", 2_000_000, 0, 200_000),
                ("gpt-4o", 500_000, 0, 50_000),
            ],
            "5.25",
            18,
        ),
        # 1.50 + 0.50 + 1.00, 0.30 + 0.12
        (METRICS, [("gpt-4o", 600_000, 400_000, 100_000), ("gpt-4o-mini", 2_000_000, 0, 200_000)], "3.42", None),
        (THOUSANDS, [FIRST, ("gpt-4o", 1_500_000, 0, 150_000)], "8.75", None),
    ],
    ids=["pairs", "kinds-first", "metrics", "thousands"],
)
def test_a_row_is_made_for_each_model(
    content: str, rows: list[tuple[str, int, int, int]], spend: str, requests: int | None, tmp_path: Path
) -> None:
    log = ingest_log(tmp_path, content)
    columns = ("model", "fresh_input", "cache_read", "output")
    assert list(zip(*(log.column(name) for name in columns), strict=True)) == rows
    assert log.source.requests == requests
    assert set(log.column("is_sum")) == {True}
    with open_analysis(log.out, tmp_path / "scratch", NO_ASSUMPTIONS) as analysis:
        assert analysis.spend().total == Decimal(spend)
    assert "The table has columns for each model" in log.notes


def test_small_figures_of_a_model_are_a_sum_all_the_same(tmp_path: Path) -> None:
    log = ingest_log(tmp_path, "date,gpt-4o in,gpt-4o out\n2026-01-01,10,20\n")
    assert (log.source.requests, log.column("is_sum")) == (None, [True])


def test_a_column_for_each_call_and_model_is_a_request(tmp_path: Path) -> None:
    names = ("prompt_tokens", "completion_tokens", "total_tokens", "requests")
    head = ",".join(f"summary.usage.{model}.{name}" for model in ("gpt-4o", "gpt-4.1-mini") for name in names)
    rows = "2026-03-01T10:00:00.123Z,1000,200,1200,1,,,,\n2026-03-01T10:00:05.456Z,,,,,500,100,600,1\n"
    log = ingest_log(tmp_path, f"started_at,{head}\n{rows}")
    assert (log.column("model"), log.column("output")) == (["gpt-4o", "gpt-4.1-mini"], [200, 100])
    assert (log.source.requests, log.column("is_sum")) == (2, [False, False])


def test_columns_of_all_models_are_named_as_not_read(tmp_path: Path) -> None:
    notes = ingest_log(tmp_path, PAIRS).notes
    assert 'figures of all models together were not read: "Total input", "Total cost"' in notes


@pytest.mark.parametrize(
    "content",
    [
        "Date,gpt-4o,gpt-4o-mini\n2026-01-01,1000,2000\n2026-01-02,1500,2500\n",
        "Date,gpt-4o input,gpt-4o-mini input\n2026-01-01,1000,2000\n",
        "Date,gpt-4o input (k),gpt-4o output (k),gpt-4o-mini input,gpt-4o-mini output\n2026-01-01,1,2,1000,2000\n",
        PAIRS + '2026-01-03,"1000000\n',
    ],
    ids=["total only", "input only", "units", "broken line"],
)
def test_what_cannot_be_priced_is_refused(content: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput):
        ingest_log(tmp_path, content)


@pytest.mark.parametrize(
    ("column", "model", "field"),
    [
        ("gpt-4o-mini input tokens", "gpt-4o-mini", "input_tokens"),
        ("input_tokens_claude-sonnet-4-5", "claude-sonnet-4-5", "input_tokens"),
        ("gpt-4o / cached input tokens", "gpt-4o", "cached_tokens"),
        ("Output: gemini-2.5-pro", "gemini-2.5-pro", "output_tokens"),
        ("('completion_tokens', 'gpt-4o')", "gpt-4o", "output_tokens"),
        ("gpt-4o cost (USD)", "gpt-4o", "cost_usd"),
        ("gpt-4o requests", "gpt-4o", "requests"),
        ("gpt-4o", "gpt-4o", "tokens"),
    ],
)
def test_a_name_is_a_model_and_a_kind(column: str, model: str, field: str) -> None:
    found = split_model(column)
    assert found is not None
    assert (found.model, found.field) == (model, field)


@pytest.mark.parametrize("column", ["input tokens", "date", "gpt-4o latency", "model", "Search input tokens"])
def test_other_names_are_none(column: str) -> None:
    assert split_model(column) is None


def test_a_log_with_models_in_cells_is_no_wide_table(tmp_path: Path) -> None:
    head = "time,model,input_tokens,output_tokens,gpt-4o input,gpt-4o output\n"
    log = ingest_log(tmp_path, head + "2026-01-01T00:00:03Z,gpt-4o,10,20,11,21\n")
    assert log.column("fresh_input") == [10]
