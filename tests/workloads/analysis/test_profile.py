from pathlib import Path

import pytest

from tests.support.workloads.builder import START, Requests
from tests.support.workloads.uploaded_logs import require
from workloads.analysis.profile import build_profile

pytestmark = pytest.mark.slow


def test_it_counts_tokens_by_bucket_and_the_span(tmp_path: Path) -> None:
    log = Requests().add(fresh_input=5, cache_read=3, output=2).add(90.5, cache_write=7, output=1).write(tmp_path)
    found = build_profile(log.priced_log())
    assert (found.rows, found.span_seconds) == (2, 90.5)
    tokens = found.tokens
    assert (tokens.fresh_input, tokens.cache_read, tokens.cache_write, tokens.output, tokens.input) == (5, 3, 7, 3, 15)
    assert found.first == START


def test_it_interpolates_percentiles_linearly_over_all_input(tmp_path: Path) -> None:
    log = Requests()
    for n in range(1, 101):
        log.add(fresh_input=n, cache_read=100, output=1)
    found = build_profile(log.write(tmp_path).priced_log())
    assert require(found.input_tokens).p50 == pytest.approx(150.5)
    assert require(found.input_tokens).p95 == pytest.approx(195.05)
    assert require(found.input_tokens).p99 == pytest.approx(199.01)
    assert found.latency_ms is None


def test_it_compares_the_busiest_minute_with_all_minutes_even_empty_ones(tmp_path: Path) -> None:
    log = Requests().add(1).add(2).add(3).add(59).add(60).add(9 * 60 + 59)
    peak = build_profile(log.write(tmp_path).priced_log()).peak
    assert peak is not None
    assert (peak.minute, peak.requests) == (START, 4)
    assert peak.mean == pytest.approx(0.6)
    assert peak.to_mean == pytest.approx(4 / 0.6)


def test_it_takes_clock_minutes_not_minutes_since_the_first_request(tmp_path: Path) -> None:
    log = Requests().add(30).add(50).add(70).add(80).write(tmp_path)
    peak = build_profile(log.priced_log()).peak
    assert peak is not None
    assert (peak.requests, peak.mean) == (2, 2.0)


def test_it_rates_errors_among_requests_whose_end_is_known(tmp_path: Path) -> None:
    log = Requests().add(ok=True).add(ok=False, error="429").add(ok=False, error="429").add(ok=None).add(ok=True)
    found = build_profile(log.write(tmp_path).priced_log())
    assert found.error_rate == 0.5
    assert [(one.error, one.requests) for one in found.errors] == [("429", 2)]


def test_it_names_the_columns_that_would_tell_more(tmp_path: Path) -> None:
    found = build_profile(Requests().add(latency_ms=3.0).write(tmp_path).priced_log())
    assert {one.column for one in found.unknowns} == {"first_token_ms", "status", "feature"}
    assert found.error_rate is None
    assert found.latency_ms is not None


def test_it_is_not_disturbed_by_a_log_of_one_request(tmp_path: Path) -> None:
    found = build_profile(Requests().add(fresh_input=9).write(tmp_path).priced_log())
    assert found.peak is not None
    assert (found.span_seconds, found.peak.to_mean, require(found.input_tokens).p99) == (0, 1, 9)
    assert found.last == found.first == START


def test_it_has_no_times_where_the_log_has_none(tmp_path: Path) -> None:
    found = build_profile(Requests().add(fresh_input=9).add(60, fresh_input=1).timeless(tmp_path).priced_log())
    assert (found.first, found.last, found.span_seconds, found.peak) == (None, None, None, None)
    assert found.tokens.input == 10
    assert "time" in {one.column for one in found.unknowns}
