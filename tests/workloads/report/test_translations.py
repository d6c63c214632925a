"""The report in another language: nothing of ours is left in English, and nothing of the log acts."""

import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from core.i18n.language import Language
from core.i18n.text import text, verbatim_text
from tests.core.i18n.pseudo_language import CLOSE, OPEN, pseudo
from tests.support.workloads.builder import Requests
from workloads.analysis.estimate import Bound
from workloads.ingest.schema import Rejection
from workloads.report import markdown
from workloads.report.formatting import format_bounded_money, format_money, format_percent, format_span, format_value
from workloads.report.headline import build_headline
from workloads.report.markdown import to_markdown
from workloads.report.report import Report

pytestmark = pytest.mark.slow

INNERMOST = re.compile(f"{OPEN}[^{OPEN}{CLOSE}]*{CLOSE}")
NAMED = re.compile(r"`[^`]*`")


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Language:
    """Between marks all that is said; numbers as in German."""
    path = tmp_path_factory.mktemp("locale") / "de.po"
    pseudo(path)
    return Language("de", path)


def strip_translated(said: str) -> str:
    """What was not said in the language: without what is between its marks, and without the log's names."""
    while INNERMOST.search(said):
        said = INNERMOST.sub("", said)
    return NAMED.sub("", said)


def report(tmp_path: Path, requests: int = 60, source: dict[str, Any] | None = None, **wishes: Any) -> Report:
    always = {"model": "gpt-4o", "fresh_input": 2048, "output": 10, "blocks": ["a", "b"], "feature": "chat"}
    log = Requests(always={**always, "latency_ms": 500.0, "prompt_hash": "p"})
    for second in range(requests):
        log.add(second, ok=bool(second % 7))
    log.add(62, model="house-model", ok=True)
    with log.write(tmp_path, block_tokens=1024, **source or {}).analysis() as analysis:
        return analysis.report(**wishes)


def test_the_whole_markdown_is_said_in_the_language(
    tmp_path: Path, other: Language, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(markdown, "FIELDS", {})  # of the reading of logs, which has tests of its own
    source = {"synthetic": True, "guessed": True, "mapping": {"model": "m"}, "rejected": (build_rejection(),)}
    found = report(
        tmp_path,
        source=source,
        goal_percent=90,
        guard="p95",
        missing=("optimization",),
        because={"optimization": text("Your account has been deactivated.")},
    )
    shown = to_markdown(found, other)
    # What is left is a code, of a part or a column, or a figure.
    words = set(re.findall(r"[A-Za-z]{2,}", strip_translated(shown)))
    assert words <= {"optimization", "model"}
    assert "⟦**Spend:** $0,31" in shown
    assert f"{OPEN}low{CLOSE} - {OPEN}" in shown


def build_rejection() -> Rejection:
    return Rejection(why=verbatim_text("`no time`"), rows=1, examples=(7,))


def test_its_json_has_words_of_the_language_and_codes_that_programs_read(tmp_path: Path, other: Language) -> None:
    found = report(tmp_path, goal_percent=90, guard="p95")
    data = found.to_json(other)
    lever = data["levers"][0]
    assert (lever["name"], lever["basis"], lever["bound"]) == ("retries", "observed", "lower bound")
    assert lever["title"] == f"{OPEN}Reduce failed calls and retries{CLOSE}"
    said = [*data["notes"], *(one["what"] for one in data["unknowns"])]
    assert [strip_translated(each) for each in said] == [""] * len(said)
    steps = [step["step"] for step in data["plan"]]
    # Two whole sentences, of which one is the beginning of several steps.
    joined = ["; " if f"{CLOSE}; {OPEN}" in step else "" for step in steps]
    assert [strip_translated(step) for step in steps] == joined
    assert sorted(joined) == ["", "", "; "]
    assert {step["effort"].partition(" - ")[0] for step in data["plan"]} <= {"low", "medium", "high"}
    assert strip_translated(data["combination"]["guard"]["note"]) == ""
    assert strip_translated(data["spend"]["prices"]) == ""


def test_its_headline_is_a_sentence_that_can_be_said(tmp_path: Path, other: Language) -> None:
    said = other.translate(build_headline(report(tmp_path)))
    assert strip_translated(said) == ""
    assert f" spent on {OPEN}60 requests{CLOSE}; " in said
    assert f"{OPEN}observed{CLOSE} and {OPEN}modelled{CLOSE}" in said


def test_what_a_log_names_acts_in_no_language(tmp_path: Path, other: Language) -> None:
    evil = "<script>alert(1)</script>|`x`[a](http://evil)"
    shown = to_markdown(report(tmp_path, source={"name": evil, "notes": (verbatim_text(evil),)}), other)
    assert "alert(1)" in shown
    assert not re.search(r"<|\[a\]|\]\(", shown)


def test_figures_have_the_languages_separators(other: Language) -> None:

    assert other.translate(format_money(Decimal("1234.5"))) == "$1.234,50"
    assert other.translate(format_percent(0.125)) == "12,5 %"
    assert other.translate(format_bounded_money(Decimal("1234.5"), Bound.UPPER)) == f"{OPEN}up to $1.234,50{CLOSE}"
    assert other.translate(format_value(1234, "tokens")) == f"{OPEN}1.234 tokens{CLOSE}"
    assert other.translate(format_value("1,5", "")) == "1,5"
    assert other.translate(format_span(61)) == f"{OPEN}1 min{CLOSE} {OPEN}1 s{CLOSE}"
