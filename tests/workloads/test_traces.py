"""The figures of the public traces, computed independently of this code, to the token and the cent."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from tests.support.workloads.uploaded_logs import require
from workloads.analysis.analysis import Analysis
from workloads.analysis.estimate import Basis, Bound
from workloads.analysis.opening import open_analysis
from workloads.analysis.profile import Percentiles
from workloads.ingest.pipeline import ingest_file
from workloads.pricing.assumptions import Assumptions

pytestmark = [pytest.mark.slow, pytest.mark.long]

D = Decimal
Open = Callable[..., Analysis]


@pytest.fixture
def bring(traces: Path, tmp_path: Path) -> Iterator[Open]:
    opened: list[Analysis] = []

    def bring(name: str, **assumptions: object) -> Analysis:
        out = tmp_path / "workload.duckdb"
        ingest_file(traces / name, out, format=None, mapping={}, name=name)
        opened.append(open_analysis(out, tmp_path / "run", Assumptions(**assumptions)))  # type: ignore[arg-type]
        return opened[-1]

    yield bring
    for analysis in opened:
        analysis.close()


@pytest.fixture(params=[{"assume_model": "gpt-4o"}, {"price_in": D("2.5"), "price_out": D(10)}])
def azure(bring: Open, request: pytest.FixtureRequest) -> Analysis:
    return bring("AzureLLMInferenceTrace_code.csv", **request.param)


@pytest.fixture
def mooncake(bring: Open) -> Analysis:
    return bring("mooncake_synthetic_trace.jsonl", assume_model="gpt-4o")


def list_percentiles(found: Percentiles | None) -> list[int]:
    return [round(value) for value in (require(found).p50, require(found).p95, require(found).p99)]


def test_it_profiles_the_azure_trace(azure: Analysis) -> None:
    found = azure.profile()
    assert found.span_seconds is not None
    assert found.peak is not None
    assert (found.rows, round(found.span_seconds, 1)) == (8_819, 3435.9)
    assert (found.tokens.input, found.tokens.output) == (18_059_974, 245_896)
    assert list_percentiles(found.input_tokens) == [
        1469,
        7303,
        7436,
    ]
    assert list_percentiles(found.output_tokens) == [
        13,
        90,
        251,
    ]
    assert round(found.peak.to_mean, 2) == 3.85


def test_it_prices_the_azure_trace_and_halves_it_exactly(azure: Analysis) -> None:
    assert azure.spend().total == D("47.608895")
    batch = azure.estimate("batch")
    assert batch.saving == D("47.608895") / 2
    assert (batch.basis, batch.bound, batch.headline) == (Basis.MODELLED, Bound.UPPER, False)


def test_it_promises_nothing_that_the_azure_trace_cannot_support(azure: Analysis) -> None:
    assert azure.estimate("prompt_cache").saving is None
    found = azure.combine(goal_percent=30, guard="p95")
    assert (found.waterfall, found.total, found.goal_met) == ((), D(0), False)


def test_it_replays_the_mooncake_trace(mooncake: Analysis) -> None:
    profile, found = mooncake.profile(), mooncake.prefix_cache()
    assert profile.span_seconds is not None
    assert (profile.rows, round(profile.span_seconds, 1)) == (3_993, 1022.0)
    assert (profile.tokens.input, profile.tokens.output) == (61_194_628, 595_432)
    assert {rate.ttl_seconds: round(rate.by_tokens * 100, 2) for rate in found.rates} == {
        300: 59.51,
        600: 64.55,
        3600: 65.12,
        None: 65.12,
    }
    assert round(found.rates[-1].by_blocks * 100, 2) == 63.96


def test_it_saves_by_caching_no_more_than_the_ideal_cache_would(mooncake: Analysis) -> None:
    ideal = mooncake.prefix_cache().rates[0].hit_tokens * D("0.00000125")
    saved = mooncake.estimate("prompt_cache").saving
    assert saved is not None
    assert ideal * D("0.99") < saved <= ideal
    found = mooncake.combine()  # the trace does not tell what the provider had cached already
    assert (found.total, {each.lever: each.adds for each in found.candidates}["prompt_cache"]) == (D(0), saved)
