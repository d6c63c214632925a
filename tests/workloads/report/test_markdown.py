import re
from pathlib import Path
from typing import Any

import pytest

from core.i18n.language import ENGLISH
from core.i18n.text import text, verbatim_text
from tests.support.workloads.builder import Requests
from workloads.ingest.schema import Rejection
from workloads.pricing.assumptions import LeverAnswer
from workloads.report.headline import build_headline
from workloads.report.markdown import to_markdown
from workloads.report.report import Report

pytestmark = pytest.mark.slow

EVIL = "<script>alert(1)</script>|`x`[a](http://evil)![i](x)\x1b[31m\u202e"


def report(tmp_path: Path, model: str = "gpt-4o", source: dict[str, Any] | None = None, **wishes: Any) -> Report:
    always = {"model": model, "fresh_input": 2048, "blocks": ["a", "b"], "ok": True}
    log = Requests(always=always).add(0).add(60).add(61, ok=False).add(62, model=None)
    tmp_path.mkdir(exist_ok=True)
    with log.write(tmp_path, block_tokens=1024, **source or {}).analysis() as analysis:
        return analysis.report(**wishes)


def test_it_says_what_was_spent_and_what_can_be_saved(tmp_path: Path) -> None:
    shown = to_markdown(report(tmp_path, goal_percent=90, guard="p95"), ENGLISH)
    assert "- **Spend:** $0.0154 for 3 requests over 1 min 2 s (prices: current list price)" in shown
    assert "- **Savings:** $0.0026 (16.7 % of spend)" in shown
    assert "use prompt caching $0.0026 (modelled)" in shown
    assert "- **If confirmed:** up to $0.0051 more: move non-urgent requests to batch (modelled)" in shown
    assert "- **90% target:** $0.0113 short" in shown
    assert "- **p95 latency:** unknown" in shown


@pytest.fixture(scope="module")
def plain_report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    return report(tmp_path_factory.mktemp("plain"))


def test_it_shows_every_section(plain_report: Report) -> None:
    sections = re.findall(r"^## (.*)$", to_markdown(plain_report, ENGLISH), re.MULTILINE)
    assert sections == [
        "Spend",
        "Allocation",
        "Savings per lever",
        "Combined savings",
        "Plan",
        "Missing data, and what to add",
        "The log",
        "Repeated prompt prefixes",
        "How each figure was calculated",
        "Notes",
    ]


def test_it_lets_nothing_of_the_log_act(tmp_path: Path) -> None:
    source = {
        "name": EVIL,
        "notes": (EVIL,),
        "mapping": {"model": EVIL},
        "guessed": True,
        "rejected": (Rejection(why=verbatim_text(EVIL), rows=1, examples=(7,)),),
    }
    log = Requests(always={"fresh_input": 2048, "ok": True})
    for day in range(10):
        for at in range(day * 86_400, day * 86_400 + 4):
            log.add(at, model=EVIL, feature=EVIL).add(at, model="gpt-4o", feature=EVIL)
    with log.write(tmp_path, **source).analysis() as analysis:
        shown = to_markdown(analysis.report(missing=(EVIL,), because={EVIL: verbatim_text(EVIL)}), ENGLISH)
    assert "alert(1)" in shown
    assert "Can \\u003cscript" in shown
    assert not re.search(r"<|\[a\]|!\[|\x1b|\u202e|\]\(", shown)
    widths = [line.count(" | ") for line in shown.splitlines() if line.startswith("| `")]
    assert set(widths) <= {2, 4, 6}


def test_it_marks_synthetic_and_incomplete_reports(tmp_path: Path) -> None:
    shown = to_markdown(
        report(
            tmp_path,
            source={"synthetic": True},
            levers=(),
            missing=("optimization",),
            because={"optimization": text("Not here.")},
        ),
        ENGLISH,
    )
    assert "**Synthetic data:**" in shown
    assert "**Incomplete report.** Failed: optimization.\n\n- optimization: Not here.\n" in shown
    assert "## Plan" not in shown
    assert "**Savings:**" not in shown


def test_it_says_in_one_line_what_matters(tmp_path: Path) -> None:
    assert build_headline(report(tmp_path)) == ("$0.0154 spent on 3 requests; savings of $0.0026 (16.7 %), modelled.")
    assert (
        build_headline(report(tmp_path / "x", levers=())) == "$0.0154 spent on 3 requests; no savings were calculated."
    )


def test_it_lists_models_without_a_price(tmp_path: Path) -> None:
    shown = to_markdown(report(tmp_path, model="house-model"), ENGLISH)
    assert "No price for `house-model`: 3 requests (not in the price list; enter your own prices)" in shown
    assert "No price for *not logged*: 1 request " in shown


def test_it_says_nothing_of_times_that_the_log_does_not_have(tmp_path: Path) -> None:
    log = Requests(always={"model": "gpt-4o", "fresh_input": 2048, "blocks": ["a", "b"]}).add(0).add(60)
    with log.timeless(tmp_path, block_tokens=1024).analysis() as analysis:
        shown = to_markdown(analysis.report(), ENGLISH)
    assert "- **Spend:** $0.0102 for 2 requests (prices: current list price)" in shown
    assert "The log has no times, so the dates of its requests are unknown." in shown
    assert "The log has no times, so file order is used." in shown
    assert not re.search("1970|busiest|5 min \\|", shown)


def test_it_says_that_there_is_nothing_to_save_instead_of_no_money(tmp_path: Path) -> None:
    log = Requests().add(model="gpt-4o", fresh_input=9000, ok=True)
    with log.write(tmp_path).analysis() as analysis:
        shown = to_markdown(analysis.report(), ENGLISH)
    assert "| Reduce failed calls and retries | no savings | modelled | no |" in shown
    assert "### Reduce failed calls and retries: no savings (modelled)" in shown
    assert "$0.00 " not in shown


def test_every_statement_of_what_a_figure_rests_on_ends_with_a_full_stop(plain_report: Report) -> None:
    lines = re.findall(r"^- (?:Assumption|Evidence|Missing): .*$", to_markdown(plain_report, ENGLISH), re.MULTILINE)
    assert len(lines) > 10
    assert [line for line in lines if not line.endswith(".") or line.endswith("..")] == []


def test_every_saving_in_the_plan_names_its_basis_and_bound(plain_report: Report) -> None:
    steps = re.findall(r"^\d\. .*\((.*)\)$", to_markdown(plain_report, ENGLISH), re.MULTILINE)
    assert steps == [
        "saves $0.0026, modelled",
        "saves up to $0.0051 if confirmed, modelled",
    ]


def test_it_shows_latency_at_the_guarded_percentile(tmp_path: Path) -> None:
    log = Requests(always={"model": "gpt-4o", "fresh_input": 2048}).add(0, latency_ms=100.0).add(1, latency_ms=300.0)
    with log.write(tmp_path).analysis() as analysis:
        shown = to_markdown(analysis.report(guard="p50"), ENGLISH)
    assert "- **p50 latency:** no slowdown, now 200 ms, after 200 ms. Assumes latency is unchanged." in shown


def test_a_list_that_is_cut_says_how_many_names_it_leaves_out(tmp_path: Path) -> None:
    log = Requests(always={"fresh_input": 1_000, "output": 10})
    for number in range(61):
        log.add(number, model="gpt-4o", feature=f"feature {number}")
    for number in range(11):
        log.add(number, model=f"no such model {number}", feature="feature 0")
    with log.write(tmp_path).analysis() as analysis:
        written = to_markdown(analysis.report(ask="where does my spend go?"), ENGLISH)
    assert "51 more names are listed" in written  # of 61 features
    assert written.count("2 more names are listed") == 1  # of 12 models
    assert written.count("1 more name is listed") == 1  # of 11 without a price


def test_an_upper_limit_is_no_saving_that_a_confirmation_brings(tmp_path: Path) -> None:
    log = Requests(always={"model": "gpt-4o", "fresh_input": 1_000_000})
    log.add(0)
    with log.write(tmp_path).analysis() as analysis:
        written = to_markdown(analysis.report(goal_percent=30), ENGLISH)
    might = "$0.7500 short. This might close the gap, but the log only shows an upper limit: move non-urgent requests"
    assert might in written
    assert "would close the gap" not in written


def test_it_asks_what_only_the_user_knows_and_shows_the_answers(tmp_path: Path) -> None:
    log = Requests(always={"model": "gpt-4o", "fresh_input": 1_000_000, "feature": "nightly"})
    for day in range(4):
        for second in range(5):
            log.add(day * 86_400 + second)
    written = log.write(tmp_path)
    with written.analysis() as analysis:
        asked = analysis.report()
    finding = "nightly, 12:00-12:01 UTC, $50.00 → $25.00 as a batch"
    assert f"- Can nightly wait up to 24 h? {finding}. Reply: " in to_markdown(asked, ENGLISH)
    assert f"- **If confirmed:** $25.00 more: {finding} (modelled)" in to_markdown(asked, ENGLISH)
    assert "no confirmed savings; up to $25.00 if confirmed." in build_headline(asked)
    with written.analysis(answers=(LeverAnswer(lever="batch", scope="nightly", value=True),)) as analysis:
        answered = analysis.report()
    assert "- Can nightly wait up to 24 h? You said yes." in to_markdown(answered, ENGLISH)
    assert "savings of $25.00 (50.0 %), modelled." in build_headline(answered)
