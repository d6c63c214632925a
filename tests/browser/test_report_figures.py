"""Each figure of a report is the same figure in its JSON, CSV, Markdown, page and headline."""

import csv
import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from agents.models import Step
from tests.browser.conftest import Visit
from tests.browser.test_main_path import ask, upload_file, wait_for_reports
from tests.conftest import People
from workloads.models import Workload

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]

HEAD = "timestamp,model,input_tokens,output_tokens,team,feature,user,cost_center"
# From $1 up, every place shows cents; below it, some show more places than others.
ROWS = [
    f"2026-01-0{day + 1}T0{n}:07:1{n}Z,{model},{100_000 + n * 1_000},{10_000 + n},{team},rank,u{n % 2},CC-{n % 2}"
    for day in range(5)
    for n, (model, team) in enumerate([("gpt-4o", "search"), ("gpt-4o", ""), ("gpt-4.1", "ads"), ("gpt-4o", "ads")])
]


def fetch(page: Page, name: str) -> str:
    (run,) = Step.objects.filter(agent="reporting").values_list("run_id", flat=True)
    answer = page.request.get(f"{page.url.split('/', 3)[0]}//{page.url.split('/')[2]}/api/runs/{run}/report/{name}")
    assert answer.ok, answer.text()
    return answer.text()


def table(page: Page, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(fetch(page, f"{name}.csv").splitlines()))


def money(usd: Any) -> str:
    return f"${Decimal(str(usd)):,.2f}"


def row_of(text: str, *parts: str) -> bool:
    return any(all(part in line for part in parts) for line in text.splitlines())


def test_each_figure_is_the_same_figure_everywhere(people: People, visit: Visit, tmp_path: Path) -> None:
    file = tmp_path / "october.csv"
    file.write_text("\n".join((HEAD, *ROWS)))
    with visit(people.owner) as page:
        upload_file(page, file)
        expect(page.get_by_text("20 requests").first).to_be_visible()
        ask(page, "Make a cost report")
        wait_for_reports(page)
        article = page.locator("article.rp")
        expect(article.get_by_role("heading", name="Whose spend it is")).to_be_visible()
        report, markdown = json.loads(fetch(page, "report.json")), fetch(page, "report.md")
        shown, said = article.inner_text(), fetch(page, "../")
        total = report["spend"]["total"]

        assert total > 1
        assert money(total) in shown
        assert money(total) in markdown
        assert f"{money(total)} spent on 20 requests" in said  # the headline
        focus = csv.DictReader(fetch(page, "focus.csv").splitlines())
        assert float(sum(Decimal(row["BilledCost"]) for row in focus)) == total

        names = {one["name"]: one for one in report["allocation"]}
        assert list(names) == ["team", "feature", "user", "model", "cost_center"]
        for place, dimension in enumerate(report["allocation"]):
            name = "spend-by-column-1" if dimension["kept"] else f"spend-by-{dimension['name']}"
            page.get_by_label("Group by").select_option(str(place))
            expect(article.get_by_role("link", name="Download CSV: Whose spend it is")).to_have_attribute(
                "href", re.compile(rf"/{name}\.csv$")
            )
            parts = article.get_by_role("group", name=re.compile("^Spend by")).inner_text()
            rows = table(page, name)
            for row, part in zip(rows, dimension["parts"], strict=True):
                assert float(row["cost_usd"]) == part["cost"]
                assert row[dimension["name"]] == (part["name"] or "")
                assert row_of(parts, part["name"] or "no value", money(part["cost"]))
                assert row_of(markdown, part["name"] or "not logged", money(part["cost"]))
            assert float(sum(Decimal(row["cost_usd"]) for row in rows)) == total

        for row, lever in zip(table(page, "levers"), report["levers"], strict=True):
            assert row["lever"] == lever["name"]
            assert (float(row["saving_usd"]) if row["saving_usd"] else None) == lever["saving"]
            if lever["saving"] and lever["saving"] >= 1:
                assert row_of(markdown, lever["title"], money(lever["saving"]))
                assert money(lever["saving"]) in shown
        if report["plan"]:
            for row, step in zip(table(page, "plan"), report["plan"], strict=True):
                assert float(row["saving_usd"]) == step["saving"]
        times = table(page, "spend-over-time")
        assert [float(row["cost_usd"]) for row in times] == [one["cost"] for one in report["spend"]["over_time"]]
        assert float(sum(Decimal(row["cost_usd"]) for row in times)) == total
        for kind, cost in report["spend"]["buckets"].items():
            (row,) = (one for one in table(page, "spend-by-token-type") if one["token_type"] == kind)
            assert float(row["cost_usd"]) == cost
            assert not cost or money(cost) in shown
        page.set_viewport_size({"width": 390, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        headings = article.get_by_role("heading", level=3).all_inner_texts()
        order = [
            *("Spend over time", "Where the spend goes", "Whose spend it is", "Ways to save"),
            *("What to do, in order", "Missing data, and what to add"),
        ]
        assert [one for one in headings if one in order] == order


def test_a_guess_is_shown_by_columns_and_leaves_the_questions_on_the_screen(
    people: People, visit: Visit, tmp_path: Path
) -> None:
    file = tmp_path / "october.csv"
    file.write_text("\n".join((HEAD, *ROWS)))
    with visit(people.owner) as page:
        upload_file(page, file)
        columns = page.get_by_role("list", name="Columns in the file, and what they were read as")
        expect(columns.get_by_text("search · ads")).to_be_visible()
        expect(page.get_by_text("show this without more columns:")).to_contain_text("latency")
        expect(page.locator(".choices .choice")).to_have_text(
            ["Where does my spend go?", "Cut my spend by 30%.", "Which model costs the most per request?"]
        )
        expect(page.get_by_role("heading", name="Try asking")).to_be_in_viewport()
        page.set_viewport_size({"width": 390, "height": 844})
        expect(page.get_by_role("button", name="Where does my spend go?").first).to_be_in_viewport()
        page.set_viewport_size({"width": 1440, "height": 900})
        page.get_by_role("button", name="Edit column mapping").first.click()
        page.get_by_role("dialog").get_by_role("combobox", name="feature", exact=True).select_option("team")
        page.get_by_role("button", name="Apply and re-read").click()
        expect(page.get_by_role("complementary").get_by_text("confirmed by you")).to_be_visible()
        expect(page.get_by_role("button", name="Yes, looks right")).to_have_count(0)


def test_a_file_that_cannot_be_read_leaves_a_message(people: People, visit: Visit, tmp_path: Path) -> None:
    file = tmp_path / "notes.csv"
    file.write_text("day,weather\nMonday,rain\n")
    with visit(people.owner) as page:
        upload_file(page, file)
        listed = page.get_by_role("listitem").filter(has_text="notes.csv")
        expect(listed.get_by_text("This log could not be read.")).to_be_visible()
        expect(page.get_by_role("button", name="Actions for notes.csv")).to_have_count(0)
        listed.get_by_role("button", name="Dismiss notes.csv").click()
        expect(page.get_by_text("notes.csv")).to_have_count(0)
    assert not Workload.objects.exists()
