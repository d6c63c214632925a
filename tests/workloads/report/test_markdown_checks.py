from decimal import Decimal
from pathlib import Path

import pytest

from core.i18n.language import ENGLISH
from tests.support.workloads.builder import Requests
from workloads.report.headline import build_headline
from workloads.report.markdown import to_markdown
from workloads.report.report import Report

pytestmark = pytest.mark.slow

D = Decimal


def report(folder: Path, factor: D) -> Report:
    log = Requests(always={"model": "gpt-4o"})
    for n in range(1, 5):
        log.add(n, fresh_input=n * 10_000, logged_cost=n * D("0.025") * factor)
    with log.write(folder).analysis() as analysis:
        return analysis.report()


def test_a_failed_check_stands_above_the_spend_and_in_the_headline(tmp_path: Path) -> None:
    found = report(tmp_path, D("0.5"))
    markdown = to_markdown(found, ENGLISH)
    place = markdown.index("## Check these figures first")
    assert place < markdown.index("## Spend") < markdown.index("## The log")
    assert "The log states $0.1250 where we compute $0.2500" in markdown
    assert "the price of batch requests, which no column that was read marks as such: -$0.1250 in 4 rows" in markdown
    assert build_headline(found).endswith("Please check first: Stated cost.")


def test_checks_that_passed_take_one_line(tmp_path: Path) -> None:
    found = report(tmp_path, D(1))
    markdown = to_markdown(found, ENGLISH)
    assert "Check these figures first" not in markdown
    assert markdown.count("**Checked:**") == 1
    assert "Please check" not in build_headline(found)


def test_its_json_has_the_parts_with_their_differences(tmp_path: Path) -> None:
    data = report(tmp_path, D("0.5")).to_json()["checks"]
    assert [check["name"] for check in data] == ["stated_spend", "token_totals", "context_window", "unread_columns"]
    (part,) = data[0]["parts"]
    assert (part["model"], part["stated"], part["computed"], part["difference"]) == ("gpt-4o", 0.125, 0.25, -0.125)
