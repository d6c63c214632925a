import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from core.i18n.language import ENGLISH
from core.i18n.text import text
from tests.support.workloads.builder import Requests
from workloads.ingest.fields import FIELDS
from workloads.report.headline import build_headline
from workloads.report.markdown import to_markdown
from workloads.report.report import Report

pytestmark = pytest.mark.slow

KEYS = {
    "version", "ask", "source", "assumptions", "rows", "first", "last", "relative_clock", "span_seconds", "tokens",
    "percentiles", "peak_to_mean", "peak", "error_rate", "errors", "spend", "spend_by_model", "prices", "unpriced",
    "prefix_cache", "levers", "waterfall", "combination", "plan", "unknowns", "notes", "missing", "because", "requests",
    "price_list", "price_file", "allocation", "unowned", "checks", "what_if", "constraints", "reconciliation",
}  # fmt: skip


def log() -> Requests:
    always = {"model": "gpt-4o", "fresh_input": 2048, "output": 10, "blocks": ["a", "b"], "ok": True}
    return Requests(always=always).add(0).add(60).add(61, ok=False).add(62, model="mine")


def report(tmp_path: Path, **wishes: Any) -> Report:
    with log().write(tmp_path, block_tokens=1024, notes=("one row was late",)).analysis() as analysis:
        return analysis.report(**wishes)


def test_its_json_is_what_the_documentation_says(tmp_path: Path) -> None:
    data = report(tmp_path, ask="cut 30 %").to_json()
    assert set(data) == KEYS
    documented = (Path(__file__).parents[3] / "docs/report.md").read_text()
    assert [key for key in KEYS if f"`{key}`" not in documented] == []


def test_its_json_has_numbers_for_money_and_survives_json(tmp_path: Path) -> None:
    data = report(tmp_path, goal_percent=30, guard="p95").to_json()
    assert json.loads(json.dumps(data, allow_nan=False)) == data
    assert data["spend"]["total"] == pytest.approx(3 * (2048 * 2.5e-6 + 10 * 1e-5))
    assert data["spend"]["prices"] == "current list price"
    assert data["first"] == "2026-06-01T12:00:00Z"
    assert data["waterfall"][0]["lever"] == "prompt_cache"
    assert data["plan"][0].keys() >= {"step", "effort", "risk", "undo"}
    assert data["combination"]["goal_percent"] == 30


@pytest.fixture(scope="module")
def plain_report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    return report(tmp_path_factory.mktemp("plain"))


def test_it_names_each_unknown_once(plain_report: Report) -> None:
    unknowns = plain_report.unknowns
    assert len(unknowns) == len(set(unknowns))
    assert {"latency_ms", "feature", "prompt_hash"} <= {one.column for one in unknowns}


@pytest.mark.parametrize("values", [{"model": "gpt-4o"}, {}, {"prompt_hash": "p", "ok": True, "session": "s"}])
def test_it_names_columns_as_a_user_can_bring_them(tmp_path: Path, values: dict[str, Any]) -> None:
    for number, write in enumerate((Requests.write, Requests.timeless)):
        folder = tmp_path / str(number)
        folder.mkdir()
        with write(Requests(always=values).add(0).add(1), folder).analysis() as analysis:
            columns = {one.column for one in analysis.report().unknowns if one.column}
        assert columns - set(FIELDS) == set()
        assert ("time" in columns) is (write is Requests.timeless)


def test_it_brings_the_notes_of_log_and_prices(plain_report: Report) -> None:
    notes = plain_report.notes
    assert notes[0] == "one row was late"
    assert "current prices are used" in notes[1]


def test_it_can_lack_parts(tmp_path: Path) -> None:
    found = report(tmp_path, levers=(), missing=("optimization",), because={"optimization": text("Not in your plan.")})
    data = found.to_json()
    assert (data["levers"], data["waterfall"], data["combination"], data["plan"]) == ([], [], None, [])
    assert (data["missing"], data["because"]) == (["optimization"], {"optimization": "Not in your plan."})


def test_it_leaves_the_plan_out_where_planning_failed(tmp_path: Path) -> None:
    found = report(tmp_path, missing=("actions",))
    assert found.plan == ()
    assert found.combination is not None
    assert found.combination.waterfall != ()


def test_it_gives_times_of_a_relative_clock_without_a_zone(tmp_path: Path) -> None:
    with log().write(tmp_path, block_tokens=1024, relative_clock=True).analysis() as analysis:
        assert analysis.report().to_json()["first"] == "2026-06-01T12:00:00"


def test_it_has_null_for_times_that_the_log_does_not_have(tmp_path: Path) -> None:
    with log().timeless(tmp_path, block_tokens=1024).analysis() as analysis:
        data = analysis.report().to_json()
    wanted = ("first", "last", "span_seconds", "peak", "peak_to_mean")
    assert {key: data[key] for key in wanted} == dict.fromkeys(wanted)
    assert (data["spend"]["period"], data["spend"]["over_time"]) == (None, [])
    assert [rate["ttl_seconds"] for rate in data["prefix_cache"]["rates"]] == [None]


def test_results_survive_storage_exactly(tmp_path: Path) -> None:
    found = report(tmp_path, goal_percent=30, guard="p95")
    for part in (found.profile, found.spend, found.prefix_cache, found.combination, found.prices, *found.plan):
        kind: TypeAdapter[Any] = TypeAdapter(type(part))
        stored = json.loads(json.dumps(kind.dump_python(part, mode="json")))
        assert kind.validate_python(stored) == part


def test_money_in_a_stored_estimate_keeps_every_digit(plain_report: Report) -> None:
    estimate = plain_report.levers[0]
    kind = TypeAdapter(type(estimate))
    again = kind.validate_python(json.loads(json.dumps(kind.dump_python(estimate, mode="json"))))
    assert again.saving == estimate.saving
    cost, stored = estimate.evidence[1].value, again.evidence[1].value
    assert isinstance(cost, Decimal)
    assert Decimal(stored) == cost


def test_every_lever_tells_its_formula_known_or_not(plain_report: Report) -> None:
    levers = plain_report.to_json()["levers"]
    assert {lever["saving"] is None for lever in levers} == {True, False}
    assert [lever["name"] for lever in levers if not lever["formula"]] == []


def test_sums_count_as_many_requests_as_they_are(tmp_path: Path) -> None:
    sums = Requests(always={"model": "gpt-4o", "fresh_input": 1_000_000, "is_sum": True, "feature": "chat"})
    with sums.add(7, requests=3).add(70, requests=4).write(tmp_path).analysis() as analysis:
        data = analysis.report().to_json()
    assert (data["rows"], data["requests"], data["source"]["requests"]) == (2, 7, 7)
    spend = data["spend"]
    assert (spend["priced_requests"], spend["unpriced_requests"], spend["logged_requests"]) == (7, 0, 0)
    parts = (*data["spend_by_model"], *spend["by_feature"], *data["prices"])
    assert [part["requests"] for part in parts] == [7, 7, 7]
    assert sum(interval["requests"] for interval in spend["over_time"]) == 7
    assert (data["percentiles"]["input_tokens"], data["peak"]) == (None, None)


def test_a_number_of_requests_that_is_unknown_is_said_to_be(tmp_path: Path) -> None:
    sums = Requests(always={"model": "gpt-4o", "fresh_input": 1_000_000, "is_sum": True})
    with sums.add(7, requests=3).add(70, requests=None).write(tmp_path).analysis() as analysis:
        found = analysis.report()
    data = found.to_json()
    assert (data["rows"], data["requests"], data["spend"]["priced_requests"]) == (2, None, None)
    assert [part["requests"] for part in (*data["spend_by_model"], *data["prices"])] == [None, None]
    assert data["spend"]["unpriced_requests"] == 0
    assert build_headline(found).startswith("$5.00 spent on an unknown number of requests; ")
    written = to_markdown(found, ENGLISH)
    assert "**Spend:** $5.00 for an unknown number of requests over 1 min 3 s" in written
    assert "without a price" not in written
