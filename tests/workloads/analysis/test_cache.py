"""A cached answer is what would be computed now, to the last digit; and never of another log."""

import json
import shutil
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from core.i18n.language import Language
from core.i18n.text import translate
from tests.support.workloads.ingested_logs import bring_file
from workloads.analysis import cache
from workloads.analysis.analysis import Analysis
from workloads.analysis.guard import GUARDS
from workloads.analysis.opening import open_analysis
from workloads.levers.registry import LEVERS
from workloads.pricing.assumptions import Assumptions
from workloads.query.query import MeasureArguments, Query
from workloads.sample.generator import write_sample

pytestmark = pytest.mark.slow


def answers(analysis: Analysis) -> list[object]:
    told: list[object] = [analysis.source, analysis.prices, analysis.extent(), analysis.profile(), analysis.spend()]
    told += [analysis.prefix_cache(), *(analysis.estimate(name) for name in LEVERS)]
    told += [analysis.combine(goal_percent=30, guard=guard) for guard in (None, *GUARDS)]
    told.append(analysis.report(ask="?", goal_percent=30, guard="p95").to_json())
    return told


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("log")
    write_sample(folder / "usage.jsonl", requests=1_000, days=2)
    return bring_file(folder, folder / "usage.jsonl").out


def open_log(log: Path, folder: Path, **assumptions: Any) -> Analysis:
    return open_analysis(log, folder / "temp", Assumptions(**assumptions), answers_dir=folder)


def no_opening(*_: object) -> None:
    raise AssertionError("the log was opened")


@pytest.mark.long
@pytest.mark.parametrize(
    "assumptions", [{}, {"price_in": Decimal("1.5"), "price_out": Decimal(2)}, {"discount_percent": Decimal(10)}]
)
def test_what_was_kept_is_what_was_computed(
    log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, assumptions: dict[str, Any]
) -> None:
    with open_log(log, tmp_path, **assumptions) as first:
        computed = answers(first)
    monkeypatch.setattr("workloads.analysis.opening._open_priced_log", no_opening)
    with open_log(log, tmp_path, **assumptions) as second:
        recalled = answers(second)
    assert recalled == computed
    assert repr(recalled[5:-1]) == repr(computed[5:-1])  # the types of numbers too


def test_what_was_kept_is_said_in_any_language(log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "de.po"
    path.write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
        'msgid "A discount of {percent}% was applied to every price."\nmsgstr "Nachlass: {percent} %"\n\n'
        'msgid "failed calls"\nmsgstr "misslungene Aufrufe"\n\n'
        'msgid "failed calls that are billed, at most avoidable"\nmsgstr "was sie kosten"\n',
        encoding="utf-8",
    )
    german, given = Language("de", path), {"discount_percent": Decimal("2.5")}
    with open_log(log, tmp_path, **given) as first:
        answers(first)
    monkeypatch.setattr("workloads.analysis.opening._open_priced_log", no_opening)
    with open_log(log, tmp_path, **given) as second:
        assert "Nachlass: 2,5 %" in translate(second.prices, german)["notes"]
        found = translate(second.estimate("retries"), german)["evidence"]
    assert [one["label"] for one in found[:2]] == ["misslungene Aufrufe", "was sie kosten"]


def test_real_traces_are_kept_exactly(traces: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    azure = bring_file(tmp_path, next(traces.glob("*Azure*code*.csv"))).out
    with open_log(azure, tmp_path, assume_model="gpt-4o") as first:
        computed = answers(first)
    monkeypatch.setattr("workloads.analysis.opening._open_priced_log", no_opening)
    with open_log(azure, tmp_path, assume_model="gpt-4o") as second:
        assert answers(second) == computed


def test_everything_that_a_report_holds_is_computed_before_anybody_asks(
    log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_log(log, tmp_path) as reader:
        reader.compute_all()
    monkeypatch.setattr("workloads.analysis.opening._open_priced_log", no_opening)
    with open_log(log, tmp_path) as run:
        answers(run)


def test_other_assumptions_another_day_other_code_or_another_file_are_computed_anew(
    log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def has(path: Path = log, **assumptions: Any) -> bool:
        return bool(cache.AnswerCache(tmp_path, path, Assumptions(**assumptions), day))

    day = datetime.now(UTC).date()
    with open_log(log, tmp_path) as first:
        first.spend()
    assert has()
    assert not has(discount_percent=Decimal(1))
    copy = tmp_path / "copy.duckdb"
    copy.write_bytes(log.read_bytes())
    assert not has(copy)
    monkeypatch.setattr(cache, "CODE_HASH", "another")
    assert not has()
    monkeypatch.undo()
    day += timedelta(days=1)
    assert not has()


def test_the_hash_covers_all_code_that_figures_come_from() -> None:
    folders = {file.relative_to(cache.CODE_FOLDER).parts[0] for file in cache.CODE_FILES}
    assert cache.CODE_FOLDER.name == "workloads"
    assert {"analysis", "ingest", "levers", "pricing", "logs.py"} <= folders


@pytest.mark.parametrize("content", ["", "{", "[]", '{"[\\"spend\\"]": {"total": "much"}}'])
def test_a_damaged_file_is_computed_anew(log: Path, tmp_path: Path, content: str) -> None:
    with open_log(log, tmp_path) as first:
        spend = first.spend()
    (file,) = tmp_path.glob("*.json")
    file.write_text(content)
    with open_log(log, tmp_path) as second:
        assert second.spend() == spend


def test_only_a_few_are_kept(log: Path, tmp_path: Path) -> None:
    for percent in range(cache.MAX_FILES + 3):
        with open_log(log, tmp_path, discount_percent=Decimal(percent)) as analysis:
            analysis.extent()
    assert len(list(tmp_path.glob("*.json"))) == cache.MAX_FILES


def test_without_a_folder_nothing_is_kept_and_nothing_made(log: Path, tmp_path: Path) -> None:
    gone = tmp_path / "deleted"
    with open_analysis(log, tmp_path / "temp", Assumptions(), answers_dir=gone) as analysis:
        analysis.extent()
    assert not gone.exists()


def test_names_that_look_like_our_marks_stay_names(tmp_path: Path) -> None:
    file = tmp_path / "log.jsonl"
    row = {"timestamp": "2026-01-01T00:00:00Z", "model": "gpt-4o", "input_tokens": 10, "output_tokens": 1}
    file.write_text(json.dumps(row | {"feature": '{"$decimal": "1"}'}) + "\n")
    out = bring_file(tmp_path, file).out
    with open_log(out, tmp_path) as first:
        computed = first.spend()
    with open_log(out, tmp_path) as second:
        assert second.spend() == computed


def test_an_answer_that_is_ready_after_the_deletion_is_kept_nowhere(
    log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder of answers is deleted at the last moment before the file of one is written."""
    folder = tmp_path / "answers"
    folder.mkdir()
    real = Path.is_dir

    def is_dir_until_now(path: Path) -> bool:
        found = real(path)
        if path == folder:
            shutil.rmtree(folder, ignore_errors=True)
        return found

    with open_log(log, folder) as analysis:
        monkeypatch.setattr(Path, "is_dir", is_dir_until_now)
        analysis.measure(MeasureArguments(query=Query()))
    monkeypatch.undo()
    assert not folder.exists()
