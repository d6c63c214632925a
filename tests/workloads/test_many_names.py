"""A log with very many names: what is told of it stays short, its sums exact, and no server opens it."""

import json
from collections.abc import Iterator
from concurrent.futures import Executor
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from core.concurrency.background import analysis_threads
from tests.conftest import People
from tests.support.fakes import context
from tests.support.workloads.ingested_logs import ingest_log
from tests.support.workloads.uploaded_logs import in_state, reading, require, upload_log
from workloads.analysis.analysis import Analysis
from workloads.analysis.opening import open_analysis
from workloads.analysis.session import AnalysisSession
from workloads.analysis.spend import MAX_PARTS
from workloads.ingest import database
from workloads.levers import prompt_cache
from workloads.levers.repricing import smaller_evidence
from workloads.models import WorkloadState
from workloads.pricing.assumptions import Assumptions
from workloads.pricing.prices import OTHERS
from workloads.pricing.pricing_sql import MAX_NAMES

pytestmark = [pytest.mark.slow, pytest.mark.long]

NAMES = 3 * MAX_NAMES
COLUMNS = "timestamp,model,provider,input_tokens,output_tokens,feature,user_id,session_id,status,error\n"


def many_names(names: int = NAMES) -> str:
    """A request for each name, the later the name the fewer tokens."""
    rows = (
        f"2026-01-01T00:00:00Z,model-{n},maker-{n},{10 * (names - n)},1,feature-{n},user-{n},talk-{n},failed,why {n}\n"
        for n in range(names)
    )
    return COLUMNS + "".join(rows)


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("names")
    return ingest_log(folder, many_names()).out


def open_log(log: Path, temp: Path, **assumptions: Any) -> Analysis:
    return open_analysis(log, temp, Assumptions(**assumptions))


def sizes(value: Any) -> Iterator[int]:
    """The length of every list in a report."""
    if isinstance(value, dict):
        for each in value.values():
            yield from sizes(each)
    elif isinstance(value, list):
        yield len(value)
        for each in value:
            yield from sizes(each)


@pytest.mark.parametrize("given", [{}, {"price_in": Decimal(1), "price_out": Decimal(2)}])
def test_no_list_of_a_report_grows_with_the_names_of_a_log(log: Path, tmp_path: Path, given: dict[str, Any]) -> None:
    with open_log(log, tmp_path, **given) as analysis:
        report = analysis.report(ask="?", guard="p95").to_json()
        analysis.extent()
    assert max(sizes(report)) == MAX_NAMES + 1
    assert len(report["spend_by_model"]) == len(report["spend"]["by_feature"]) == MAX_PARTS + 1
    assert len(json.dumps(report)) < 1_000_000


def test_the_rest_is_one_entry_and_sums_stay_exact(log: Path, tmp_path: Path) -> None:
    with open_log(log, tmp_path) as analysis:
        unpriced, spend = analysis.prices.unpriced, analysis.spend()
    assert (unpriced[0].model, unpriced[-1].model, unpriced[-1].names) == ("model-0", OTHERS, NAMES - MAX_NAMES)
    assert (
        sum(require(one.requests) for one in unpriced)
        == sum(require(part.requests) for part in spend.by_model)
        == NAMES
    )
    tokens = 10 * NAMES * (NAMES + 1) // 2 + NAMES
    assert sum(one.tokens for one in unpriced) == sum(part.tokens for part in spend.by_model) == tokens
    assert spend.by_model[-1].names == spend.by_feature[-1].names == NAMES - MAX_PARTS


def test_given_prices_hold_for_every_request_however_many_names_there_are(log: Path, tmp_path: Path) -> None:
    with open_log(log, tmp_path, price_in=Decimal(1), price_out=Decimal(2), discount_percent=Decimal(50)) as analysis:
        prices, spend = analysis.prices, analysis.spend()
    assert (prices.unpriced, prices.models[-1].model, prices.models[-1].names) == ((), OTHERS, NAMES - MAX_NAMES)
    assert (spend.priced_requests, spend.unpriced_requests) == (NAMES, 0)
    assert spend.total == Decimal(10 * NAMES * (NAMES + 1) // 2 + 2 * NAMES) / 1_000_000 / 2
    assert sum(part.cost for part in spend.by_model) == spend.total


def test_levers_tell_of_a_few_models_only(tmp_path: Path) -> None:
    """Names that the price list knows, each at very many providers."""
    rows = (f"2026-01-01T00:00:01Z,claude-opus-4-1,maker-{n},100,10,talk-{n}\n" for n in range(200))
    log = ingest_log(tmp_path, "timestamp,model,provider,input_tokens,output_tokens,session_id\n" + "".join(rows)).out
    with open_log(log, tmp_path / "temp") as analysis:
        assert len(analysis.prices.models) == 200
        assert len(analysis.estimate("right_size").details) == smaller_evidence.MAX_SHOWN
        assert len(analysis.estimate("prompt_cache").evidence) <= prompt_cache.MAX_SHOWN + 3


@pytest.mark.django_db(transaction=True)
async def test_a_process_that_serves_others_opens_no_log(
    people: People, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither when it is read, nor for figures that were computed then, nor for others."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a log was opened here")

    for name in ("connect", "attach_log"):
        monkeypatch.setattr(database, name, refuse)
    monkeypatch.setattr("workloads.analysis.opening.attach_log", refuse)
    monkeypatch.setattr("workloads.ingest.pipeline.connect", refuse)
    workload = await sync_to_async(upload_log)(people.owner, tmp_path, many_names(20).encode())
    async with reading(tmp_path):
        read = await in_state(workload, WorkloadState.READY)
    assert read.spend is not None
    assert read.spend["unpriced_requests"] == 20
    async with analysis_threads(1) as executor:
        for price in (None, Decimal(2)):
            assert await total(people, executor, tmp_path, workload.id, price) == (
                None if price is None else Decimal("0.00424")
            )


async def total(people: People, executor: Executor, folder: Path, workload_id: Any, price: Decimal | None) -> Any:
    session = AnalysisSession(
        context(people.owner.id),
        workload_id=workload_id,
        assumptions=Assumptions(price_in=price, price_out=price),
        executor=executor,
        data_dir=folder,
        temp=folder / f"temp-{price}",
    )
    async with session as mine:
        spend = await mine.ask(lambda analysis: analysis.spend())
        assert (await mine.ask(lambda analysis: analysis.report(guard="p95"))).profile.rows == 20
        return spend.total if spend.priced_requests else None
