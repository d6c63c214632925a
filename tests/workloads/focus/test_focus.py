"""The FOCUS export: a row for each kind of token, exact, and valid by the specification."""

import csv
import io
import json
import os
import re
import subprocess
import sys
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from tests.support.workloads.builder import Log, Requests
from workloads.analysis.spend import compute_spend
from workloads.focus import usage as usage_module
from workloads.focus.export import COLUMNS, to_focus_csv
from workloads.focus.usage import FocusUsage, measure_usage

pytestmark = pytest.mark.slow

DAY = 86_400
COSTS = ("BilledCost", "ContractedCost", "EffectiveCost", "ListCost")

MANDATORY = {  # of FOCUS 1.3's dataset Cost and Usage: the type, and whether null is allowed
    "BilledCost": ("Decimal", False),
    "BillingAccountId": ("String", False),
    "BillingAccountName": ("String", True),
    "BillingCurrency": ("String", False),
    "BillingPeriodEnd": ("Date/Time", False),
    "BillingPeriodStart": ("Date/Time", False),
    "ChargeCategory": ("String", False),
    "ChargeClass": ("String", True),
    "ChargeDescription": ("String", True),
    "ChargePeriodEnd": ("Date/Time", False),
    "ChargePeriodStart": ("Date/Time", False),
    "ContractedCost": ("Decimal", False),
    "EffectiveCost": ("Decimal", False),
    "HostProviderName": ("String", False),
    "InvoiceIssuerName": ("String", False),
    "ListCost": ("Decimal", False),
    "PricingQuantity": ("Decimal", True),
    "PricingUnit": ("String", True),
    "ServiceCategory": ("String", False),
    "ServiceName": ("String", False),
    "ServiceProviderName": ("String", False),
}


def build_log(tmp_path: Path) -> Log:
    log = Requests(always={"model": "gpt-4o", "provider": "openai", "fresh_input": 1_000, "output": 100})
    log.add(0, team="search", end_user="ann", cache_read=500)
    log.add(60, team="search", end_user="bob", audio_input=200)
    log.add(DAY, team=None, model="claude-sonnet-4-5", provider="anthropic", cache_write=300, cache_write_1h=100)
    log.add(DAY + 1, team="ads", searches=3, model="claude-sonnet-4-5", provider="anthropic")
    log.add(40 * DAY, model="unheard-of")
    return log.write(tmp_path)


def export(log: Log) -> tuple[FocusUsage, list[dict[str, str]], Decimal]:
    priced = log.priced_log()
    usage = measure_usage(priced)
    text = to_focus_csv(usage, priced.prices.models)
    return usage, list(csv.DictReader(io.StringIO(text, newline=""))), compute_spend(priced).total


def test_the_rows_sum_to_the_reports_total(tmp_path: Path) -> None:
    usage, rows, total = export(build_log(tmp_path))
    assert usage.total == total > 0
    for column in COSTS:
        assert sum(Decimal(row[column]) for row in rows) == total, column


def test_there_is_a_row_for_each_kind_of_token(tmp_path: Path) -> None:
    _, rows, _ = export(build_log(tmp_path))
    kinds = {row["x_TokenType"] for row in rows}
    assert kinds == {"input", "audio_input", "cache_read", "cache_write", "cache_write_1h", "output", "search"}
    tokens = {kind: sum(Decimal(r["ConsumedQuantity"]) for r in rows if r["x_TokenType"] == kind) for kind in kinds}
    assert tokens["input"] == 4 * 1_000 - 200  # of the priced requests
    assert (tokens["audio_input"], tokens["cache_write"], tokens["cache_write_1h"]) == (200, 200, 100)
    row = next(row for row in rows if row["x_TokenType"] == "cache_read")
    assert (row["PricingQuantity"], row["PricingUnit"]) == ("0.000500", "1000000 Tokens")


def test_a_row_is_of_one_day_and_its_dimensions(tmp_path: Path) -> None:
    usage, rows, _ = export(build_log(tmp_path))
    assert (usage.period, usage.dimensions, usage.left_out) == ("day", ("team", "user"), ())
    assert {row["ChargePeriodStart"] for row in rows} == {"2026-06-01T00:00:00Z", "2026-06-02T00:00:00Z"}
    assert {row["BillingPeriodEnd"] for row in rows} == {"2026-07-01T00:00:00Z"}
    assert json.loads(rows[0]["Tags"]) == {"team": "search", "user": "ann"}
    assert {row["SubAccountId"] for row in rows} == {"search", "ads", ""}


def test_it_has_the_columns_of_the_specification(tmp_path: Path) -> None:
    _, rows, _ = export(build_log(tmp_path))
    assert set(MANDATORY) <= set(COLUMNS)
    assert len(set(COLUMNS)) == len(COLUMNS)
    ours = [column for column in COLUMNS if column.startswith("x_")]
    assert list(COLUMNS) == [*sorted(set(COLUMNS) - set(ours)), *ours]
    for row in rows:
        for column, (kind, allows_null) in MANDATORY.items():
            assert row[column] or allows_null, column
            if row[column]:
                _check_type(kind, row[column])
        assert row["ChargeCategory"] == "Usage"
        assert row["ChargeClass"] == ""


def _check_type(kind: str, value: str) -> None:
    if kind == "Decimal":
        assert Decimal(value).is_finite()
        assert "e" not in value.lower()
    if kind == "Date/Time":
        assert datetime.fromisoformat(value).tzinfo is not None


@pytest.mark.soak  # `make focus` installs the validator
def test_it_passes_the_foundations_validator(tmp_path: Path) -> None:
    """https://pypi.org/project/focus-validator/ has the rules of version 1.2, whose columns 1.3 keeps. It needs another
    Python and another DuckDB than ours, so it has an environment of its own."""
    python = os.environ.get("NETRA_FOCUS_VALIDATOR", sys.executable)
    where = "import focus_validator.rules as rules; print(rules.__path__[0])"
    found = subprocess.run([python, "-c", where], capture_output=True, text=True, check=False)
    if found.returncode:
        pytest.skip("NETRA_FOCUS_VALIDATOR does not name a Python with focus-validator 2")
    priced = build_log(tmp_path).priced_log()
    file = tmp_path / "focus.csv"
    file.write_text(to_focus_csv(measure_usage(priced), priced.prices.models))
    options = ("--validate-version", "1.2.0.1", "--rule-set-path", found.stdout.strip(), "--block-download")
    command = [python, "-m", "focus_validator.main", "--data-file", str(file), *options]
    folder = Path(found.stdout.strip()).parents[1]  # it opens files of its own by relative paths
    told = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder).stdout
    assert int(re.findall(r"Pass: (\d+)", told)[-1]) > 100
    # The validator cannot know that the rows belong to no invoice.
    assert set(re.findall(r"(\S+): FAIL", told)) <= {"InvoiceId-C-005-C"}


def test_too_many_values_leave_a_dimension_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usage_module, "MAX_GROUPS", 5)
    log = Requests(always={"model": "gpt-4o", "fresh_input": 1_000})
    for n in range(20):
        log.add(n, team="ab"[n % 2], end_user=f"u{n}")
    usage, rows, total = export(log.write(tmp_path))
    assert (usage.dimensions, usage.left_out) == (("team",), ("user",))
    assert sum(Decimal(row["BilledCost"]) for row in rows) == total


def test_too_many_days_become_months(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usage_module, "MAX_GROUPS", 5)
    log = Requests(always={"model": "gpt-4o", "fresh_input": 1_000})
    for n in range(20):
        log.add(n * DAY)
    usage, rows, total = export(log.write(tmp_path))
    assert usage.period == "month"
    assert rows[0]["ChargePeriodEnd"] == "2026-07-01T00:00:00Z"
    assert sum(Decimal(row["BilledCost"]) for row in rows) == total


def test_a_log_without_dates_cannot_be_exported(tmp_path: Path) -> None:
    log = Requests(always={"model": "gpt-4o", "fresh_input": 1_000}).add(0).timeless(tmp_path)
    assert measure_usage(log.priced_log()).unknown is not None


def test_names_are_safe(tmp_path: Path) -> None:
    rows = Requests(always={"model": "gpt-4o", "fresh_input": 10}).add(0, team="=1+1", api_key="sk-Zz12345678901234")
    _, found, _ = export(rows.write(tmp_path))
    assert found[0]["SubAccountId"] == "'=1+1"
    assert json.loads(found[0]["Tags"]) == {"team": "=1+1", "api_key": "[removed]"}
