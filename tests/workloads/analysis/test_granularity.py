"""No guard is kept, and no saving certain, on a log that cannot tell; each says what would."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from core.i18n.language import ENGLISH
from tests.support.workloads.builder import START, Requests
from tests.support.workloads.ingested_logs import ingest_log
from workloads.analysis.combination import Combination
from workloads.analysis.estimate import Basis
from workloads.analysis.guard import GUARDS
from workloads.analysis.opening import open_analysis
from workloads.levers.registry import LEVERS
from workloads.pricing.assumptions import Assumptions
from workloads.report.markdown import to_markdown

pytestmark = pytest.mark.slow

DAY = 86_400
SUM = {"is_sum": True, "requests": 7}
FIT = {
    "model": "gpt-4o",
    "fresh_input": 100_000,
    "output": 500,
    "temperature": 0.0,
    "has_tools": False,
    "end_user": "a",
}
Latency = Callable[[Random, int], float | None]
BROKEN: dict[str, Latency] = {
    "absent": lambda random, row: None,
    "partial": lambda random, row: random.uniform(100, 900) if row % 3 else None,
    "only one row": lambda random, row: 700.0 if row == 5 else None,
    "all but a few": lambda random, row: random.uniform(100, 900) if row > 2 else None,
    "zero": lambda random, row: 0.0,
    "mostly zero": lambda random, row: 0.0 if row % 3 else random.uniform(100, 900),
    "equal": lambda random, row: 1_234.5,
    "a day": lambda random, row: DAY * 1_000.0,
    "an hour or a day": lambda random, row: random.choice((3_600_000.0, DAY * 1_000.0)),
    "minutes": lambda random, row: 60_000.0 * random.randint(1, 5),
    "mostly an hour": lambda random, row: 3_600_000.0 if row % 3 else random.uniform(100, 900),
    "sums of hours": lambda random, row: random.uniform(700_000, 9e9),
}
OFTEN = ("absent", "partial", "mostly zero", "a day")
"""Tried by `make test`, one of each kind; the others by `make soak`."""


def log_of(random: Random, latency: Latency, rows: int = 60, **always: Any) -> Requests:
    """Requests at odd moments: two of them repeat another, one failed."""
    log = Requests(always={**FIT, "streamed": False, **always})
    for row in range(rows):
        end = {"ok": row != 4, "prompt_hash": f"hash-{row // 2 if row < 4 else row}"}
        log.add(row * 977 + random.random(), latency_ms=latency(random, row), **end)
    return log


def plausible(random: Random, row: int) -> float:
    return random.lognormvariate(7, 0.6)


def combine_for_guards(log: Requests, tmp_path: Path, **source: Any) -> list[Combination]:
    """One for each guard."""
    with log.write(tmp_path, **source).analysis() as analysis:
        return [analysis.combine(guard=guard, goal_percent=1) for guard in GUARDS]


@pytest.mark.parametrize(
    "latency", [each if each in OFTEN else pytest.param(each, marks=pytest.mark.soak) for each in BROKEN]
)
def test_where_latency_cannot_tell_there_is_no_word_of_it(tmp_path: Path, latency: str) -> None:
    with log_of(Random(latency), BROKEN[latency]).write(tmp_path).analysis() as analysis:
        guards = [analysis.combine(guard=guard).guard for guard in GUARDS]
        profile = analysis.profile()
        written = to_markdown(analysis.report(ask="keep p95", guard="p95"), ENGLISH)
    for found in guards:
        assert found is not None
        assert (found.verdict, found.before_ms, found.after_ms) == ("unknown", None, None)
        assert "latency_ms" in found.note
    assert profile.latency_ms is None
    assert "latency_ms" in [each.column for each in profile.unknowns]
    assert "latency:** unknown" in written
    assert "latency: median" not in written


def test_it_is_kept_where_every_request_has_its_own(tmp_path: Path) -> None:
    for found in combine_for_guards(log_of(Random(1), plausible), tmp_path):
        assert found.guard is not None
        assert found.guard.verdict == "kept"
        assert found.waterfall


def test_requests_that_failed_need_no_latency(tmp_path: Path) -> None:
    """Who was turned away was never answered: most logs have no latency there."""
    log = log_of(Random(1), plausible)
    for row in log.rows[::5]:
        row.update(ok=False, latency_ms=None)
    for found in combine_for_guards(log, tmp_path):
        assert found.guard is not None
        assert found.guard.verdict == "kept"


def buckets(random: Random, seconds: int, rows: int = 60, offset: int = 0) -> Requests:
    """A row for each bucket of time, with what one would take for requests that repeat, fail and come by the clock."""
    log = Requests(always={**FIT, "streamed": False, "feature": "reports", **SUM})
    for row in range(rows):
        at = START.replace(hour=0) + timedelta(seconds=row * seconds + offset)
        log.add(0, latency_ms=plausible(random, row), ok=row % 7 != 0, prompt_hash=f"hash-{row % 9}")
        log.rows[-1]["at"] = at
    return log


@pytest.mark.parametrize(
    ("seconds", "offset"),
    [
        (DAY, 0),
        (3_600, 0),
        *(pytest.param(*each, marks=pytest.mark.soak) for each in ((900, 0), (DAY, 5 * 3_600 + 1_800), (7 * DAY, 0))),
    ],
)
def test_buckets_of_time_keep_no_guard_and_promise_nothing(tmp_path: Path, seconds: int, offset: int) -> None:
    assert_nothing_certain(combine_for_guards(buckets(Random(seconds), seconds, offset=offset), tmp_path))


def test_models_of_one_day_are_sums_too(tmp_path: Path) -> None:
    assert_nothing_certain(combine_for_guards(buckets(Random(1), 0), tmp_path))


def test_sums_at_odd_moments_are_sums_all_the_same(tmp_path: Path) -> None:
    """The reader of the file knows it from a column that counts requests, or from the number of tokens."""
    assert_nothing_certain(combine_for_guards(log_of(Random(1), plausible, **SUM), tmp_path))


@pytest.mark.parametrize(
    ("always", "mapping", "why"),
    [
        ({}, {"requests": "Calls"}, 'the column "Calls" counts requests'),
        ({"fresh_input": 30_000_000}, {}, "a row has 30,000,500 tokens"),
        ({}, {}, "its columns are those of an export of totals"),
    ],
)
def test_it_says_by_what_sums_were_known(
    tmp_path: Path, always: dict[str, Any], mapping: dict[str, str], why: str
) -> None:
    log = log_of(Random(1), plausible, **SUM, **always)
    found, *_ = combine_for_guards(log, tmp_path, mapping=mapping)
    assert found.guard is not None
    assert why in found.guard.note


def assert_nothing_certain(combinations: list[Combination]) -> None:
    for found in combinations:
        assert found.guard is not None
        assert (found.guard.verdict, found.guard.before_ms) == ("unknown", None)
        assert "one row per request" in found.guard.note
        assert not found.waterfall
        assert not found.total
        assert found.goal_met is False


def test_on_sums_every_lever_that_rests_on_requests_is_unknown(tmp_path: Path) -> None:
    with buckets(Random(1), DAY).write(tmp_path).analysis() as analysis:
        estimates = {name: analysis.estimate(name) for name in LEVERS}
        profile = analysis.profile()
    for name, each in estimates.items():
        assert not each.headline
        if LEVERS[name].per_request:
            assert (each.saving, each.basis) == (None, Basis.UNKNOWN)
            assert all(unknown.column for unknown in each.unknowns)  # what to log, not what to enter
            assert each.unknowns
            assert not (each.questions or each.quantities)  # an answer would change nothing
    assert (profile.error_rate, profile.peak, profile.latency_ms) == (None, None, None)
    assert (profile.input_tokens, profile.output_tokens) == (None, None)
    assert (profile.rows, profile.requests) == (60, 420)
    assert "status" in [each.column for each in profile.unknowns]


def test_requests_at_moments_of_minutes_are_requests(tmp_path: Path) -> None:
    """Many logs have no seconds."""
    random = Random(1)
    log = Requests(always={**FIT, "ok": True})
    for row in range(60):
        log.add(60 * row, latency_ms=plausible(random, row), prompt_hash=f"hash-{row // 2}")
    found, *_ = combine_for_guards(log, tmp_path)
    assert found.guard is not None
    assert found.guard.verdict == "kept"
    assert found.waterfall


def test_a_daily_export_is_read_and_says_so(tmp_path: Path) -> None:
    """As providers export their usage: a row a day, with when it begins and ends."""
    lines = "".join(
        f"2026-05-{day:02}T00:00:00Z,2026-05-{day + 1:02}T00:00:00Z,gpt-4o,{day * 1_000_000},{day * 9_000},200\n"
        for day in range(1, 29)
    )
    log = ingest_log(tmp_path, f"start_time,end_time,model,input_tokens,output_tokens,status\n{lines}")
    with open_analysis(log.out, tmp_path / "temp", Assumptions()) as analysis:
        written = to_markdown(analysis.report(ask="cut my spend", guard="p95", goal_percent=30), ENGLISH)
    assert "latency:** unknown" in written
    assert "86,400" not in written
    assert "none confirmed from this log alone" in written
