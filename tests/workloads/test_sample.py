import json
from collections.abc import Iterator
from decimal import Decimal
from hashlib import sha256
from pathlib import Path

import pytest

from core.exceptions import BadInput
from tests.support.workloads.ingested_logs import IngestedLog, bring_file
from workloads.analysis.analysis import Analysis
from workloads.analysis.opening import open_analysis
from workloads.pricing.assumptions import Assumptions, LeverAnswer
from workloads.pricing.price_list import PriceList
from workloads.pricing.rates import list_rates
from workloads.sample.generator import SCENES, Sample, write_sample
from workloads.sample.requests import MILLION, MODELS

pytestmark = [pytest.mark.slow, pytest.mark.long]

FACTS = """
    SELECT count(DISTINCT model), count(DISTINCT provider), count(DISTINCT feature), count(DISTINCT session) > 100,
        count(DISTINCT end_user) > 100, bool_or(NOT ok), bool_or(first_token_ms < latency_ms), bool_or(has_tools)
    FROM log.requests
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sample")


@pytest.fixture(scope="module")
def sample(folder: Path) -> Sample:
    return write_sample(folder / "sample.jsonl")


@pytest.fixture(scope="module")
def log(folder: Path, sample: Sample) -> IngestedLog:
    return bring_file(folder, folder / "sample.jsonl")


def test_it_is_labelled_synthetic_and_read_without_a_remark(sample: Sample, log: IngestedLog) -> None:
    assert (log.source.format, log.source.synthetic, log.source.block_tokens) == ("netra", True, 128)
    assert (log.source.rows, log.source.rejected, log.source.notes) == (sample.requests, (), ())
    assert log.query(FACTS) == [(5, 3, len(SCENES), True, True, True, True, True)]


def test_it_is_the_same_file_for_the_same_seed_everywhere(folder: Path, sample: Sample) -> None:
    assert sample.requests == 19_906
    written = sha256((folder / "sample.jsonl").read_bytes()).hexdigest()
    assert written == "67001bdbd78a9d6039811383e05d44bd1a8cf67aa89ed9b40951bd0f88998ecb"
    again = write_sample(folder / "again.jsonl", seed=8, requests=1_000)
    other = write_sample(folder / "other.jsonl", seed=9, requests=1_000)
    assert again.planted_waste != other.planted_waste


def test_it_has_office_days_and_quiet_weekends(log: IngestedLog) -> None:
    ((weekdays, weekend),) = log.query(
        """SELECT count(*) FILTER (isodow("at") < 6) / 22, count(*) FILTER (isodow("at") > 5) / 8
        FROM log.requests WHERE feature <> 'nightly-summaries'"""
    )
    assert weekdays > 3 * weekend


def test_it_has_the_prices_of_the_price_list() -> None:
    """Should the list change, the planted amounts must change with it."""
    for model in MODELS.values():
        found = PriceList().find(model.name, model.provider)
        assert found is not None
        rate = list_rates(found[1])[0]
        listed = [
            price * MILLION
            for price in (rate.fresh, rate.cache_read, rate.cache_write, rate.cache_write_1h, rate.output)
        ]
        assert listed == [model.fresh, model.read, model.write, model.write_1h, model.output]


@pytest.fixture(scope="module")
def analysis(folder: Path, log: IngestedLog) -> Iterator[Analysis]:
    with open_analysis(log.out, folder / "temp", Assumptions()) as opened:
        yield opened


@pytest.mark.parametrize("lever", ["prompt_cache", "response_cache", "batch", "right_size", "retries"])
def test_the_report_finds_what_was_planted_to_the_last_digit(analysis: Analysis, sample: Sample, lever: str) -> None:
    """No tolerance: each waste is planted where no other lever sees it, by the levers' own written definitions."""
    assert sum_planted(sample, lever) > 0
    assert analysis.estimate(lever).saving == sum_planted(sample, lever)


def test_the_report_finds_no_other_waste(folder: Path, log: IngestedLog, sample: Sample) -> None:
    confirmed = Assumptions(answers=(LeverAnswer(lever="batch", scope="nightly-summaries", value=True),))
    with open_analysis(log.out, folder / "temp-all", confirmed) as analysis:
        total = analysis.combine().total
        spend = analysis.spend().total
    planted = sum((one.saving for one in sample.planted_waste if one.lever != "right_size"), Decimal(0))
    assert total == planted
    assert spend == sample.cost


@pytest.mark.parametrize(
    ("seed", "days", "requests"), [(1, 3, 1_500), pytest.param(2, 45, 4_000, marks=pytest.mark.soak)]
)
def test_it_holds_for_other_seeds_and_sizes(tmp_path: Path, seed: int, days: int, requests: int) -> None:
    sample = write_sample(tmp_path / "sample.jsonl", seed=seed, days=days, requests=requests)
    stored = bring_file(tmp_path, tmp_path / "sample.jsonl").out
    with open_analysis(stored, tmp_path / "temp", Assumptions()) as analysis:
        found = {lever.name: analysis.estimate(lever.name).saving or 0 for lever in analysis.levers()}
    assert found == {lever: sum_planted(sample, lever) for lever in found}


def test_it_writes_down_what_was_planted(sample: Sample) -> None:
    data = json.loads(json.dumps(sample.to_json()))
    assert data["synthetic"] is True
    assert sum(Decimal(one["saving_usd"]) for one in data["planted"] if one["lever"] == "batch") == sum_planted(
        sample, "batch"
    )


@pytest.mark.parametrize(("days", "requests"), [(1, 20_000), (30, 999)])
def test_it_refuses_to_be_too_small_for_what_is_planted(tmp_path: Path, days: int, requests: int) -> None:
    with pytest.raises(BadInput, match="at least"):
        write_sample(tmp_path / "sample.jsonl", days=days, requests=requests)


def sum_planted(sample: Sample, lever: str) -> Decimal:
    """Return the USD planted for one lever, over all features."""
    return sum((planted.saving for planted in sample.planted_waste if planted.lever == lever), Decimal(0))
