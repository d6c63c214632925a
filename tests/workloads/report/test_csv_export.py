import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.workloads.builder import Requests
from workloads.report.csv_export import COLUMNS, format_cell, to_csv

pytestmark = pytest.mark.slow


def build_report(tmp_path: Path, **wishes: Any) -> dict[str, Any]:
    always = {"model": "gpt-4o", "fresh_input": 2048, "output": 10, "ok": True}
    log = Requests(always=always).add(0).add(61, ok=False)
    with log.write(tmp_path).analysis() as analysis:
        return analysis.report(**wishes).to_json()


@pytest.fixture(scope="module")
def report_text(tmp_path_factory: pytest.TempPathFactory) -> str:
    return json.dumps(build_report(tmp_path_factory.mktemp("log")))


@pytest.fixture
def report(report_text: str) -> dict[str, Any]:
    """The report, which a test may change."""
    read: dict[str, Any] = json.loads(report_text)
    return read


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_it_has_a_row_for_each_lever_and_each_step_of_the_plan(report: dict[str, Any]) -> None:
    found = rows(to_csv(report))
    assert tuple(found[0]) == COLUMNS
    assert [one["lever"] for one in found if one["part"] == "lever"] == [one["title"] for one in report["levers"]]
    assert [one["step"] for one in found if one["part"] == "plan"] == [one["step"] for one in report["plan"]] != []


def test_it_gives_a_saving_with_what_it_is(report: dict[str, Any]) -> None:
    lever = next(one for one in rows(to_csv(report)) if one["lever"] == "Reduce failed calls and retries")
    assert float(lever["saving_usd"]) == report["levers"][0]["saving"]
    kinds = [lever[key] for key in ("saving_is", "basis", "bound", "headline")]
    assert kinds == ["alone", "modelled", "upper bound", "no"]
    assert "Every billed failure can be avoided" in lever["assumptions"]
    assert lever["formula"].startswith("cost of failed calls")


def test_it_tells_what_a_step_takes_and_how_to_undo_it(report: dict[str, Any]) -> None:
    step = next(one for one in rows(to_csv(report)) if one["part"] == "plan")
    first = report["plan"][0]
    assert [step[key] for key in ("effort", "risk", "undo")] == [first[key] for key in ("effort", "risk", "undo")]
    assert step["saving_is"] in ("after the others", "if confirmed")


def test_it_leaves_an_unknown_saving_empty(report: dict[str, Any]) -> None:
    unknown = [one for one in rows(to_csv(report)) if one["basis"] == "unknown"]
    assert {(one["saving_usd"], one["saving_is"]) for one in unknown} == {("", "unknown")}


def test_it_is_only_its_head_where_the_report_lacks_levers(tmp_path: Path) -> None:
    text = to_csv(build_report(tmp_path, levers=(), missing=("optimization",)))
    assert text == ",".join(COLUMNS) + "\r\n"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", " =", "\ufeff="])
def test_it_disarms_text_that_a_spreadsheet_would_compute(report: dict[str, Any], start: str) -> None:
    report["levers"][0]["assumptions"] = [f"{start}HYPERLINK(1)"]
    assert rows(to_csv(report))[0]["assumptions"] == f"'{start}HYPERLINK(1)"


@pytest.mark.parametrize(
    ("value", "cell"), [("a;=1+1", "a;'=1+1"), ("a\t@b; -c", "a\t'@b;' -c"), ("=a;+b", "'=a;'+b"), ("a; b", "a; b")]
)
def test_nor_one_that_reads_semicolons_as_ends_of_cells(value: str, cell: str) -> None:
    assert format_cell(value) == cell


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (-0.5, "-0.5"),
        (0.00000125, "0.00000125"),
        (12, "12"),
        (None, ""),
        (True, "yes"),
        (False, "no"),
        ("medium - some", "medium - some"),
        ('a "b", c', 'a "b", c'),
    ],
)
def test_it_leaves_numbers_and_plain_text_as_they_are(value: Any, shown: str) -> None:
    assert format_cell(value) == shown
