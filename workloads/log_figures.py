"""The figures beside a log, computed again after its prices were changed: its spend, and the prices that were applied.

A log whose figures are due stays ready: its questions read the new prices at once. Any worker may compute them; what
was computed under other prices than the log's is dropped."""

import logging
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid4

from django.db import connection, transaction

from core.db import as_all_users, as_user
from core.exceptions import NetraError, StoreUnavailable
from core.files import private_dir
from core.jobs.job import Job
from core.json_data import to_jsonable
from core.models import OwnedQuerySet
from core.stream.append import Publish
from workloads import import_queue
from workloads.analysis.calculator import open_analysis_in_child
from workloads.analysis.opening import EMPTY_SUMMARY, MAX_SHOWN_PRICES, LogSummary, summarize_spend
from workloads.child_process import ProcessLimits, fit_analysis
from workloads.files.installed import get_log_files
from workloads.models import Workload, WorkloadState
from workloads.pricing.assumptions import read_assumptions
from workloads.pricing.price_file import load_price_file

log = logging.getLogger(__name__)


def refresh_due_figures(
    workload_id: UUID, data_dir: Path, limits: ProcessLimits, publish: Publish, price_file: Path | None = None
) -> bool:
    """Compute the figures of a log if they are due, and return whether they were. Blocks."""
    try:
        with as_all_users():
            due: Workload | None = _filter_due().filter(id=workload_id).first()
        if due is None:
            return False
        _store_figures(due, _compute_figures(due, data_dir, limits, price_file), publish)
        return True
    finally:
        connection.close()  # this thread's own


def list_due() -> Iterator[Job]:
    """Return a job for each log whose figures are due."""
    with as_all_users():
        due = list(_filter_due().only("id", "owner_id"))
    yield from (import_queue.build_job(import_queue.FIGURES, workload) for workload in due)


def _filter_due() -> OwnedQuerySet[Workload]:
    return Workload.objects.filter(figures_due=True, state=WorkloadState.READY)


def _compute_figures(workload: Workload, data_dir: Path, limits: ProcessLimits, price_file: Path | None) -> LogSummary:
    """Return the figures; none if they cannot be computed: a question then says why. Raises StoreUnavailable."""
    temp = private_dir(data_dir / "scratch" / f"figures-{uuid4()}")
    try:
        with (
            get_log_files(data_dir).open_log(workload) as opened,
            open_analysis_in_child(
                opened.path,
                temp,
                read_assumptions(workload.assumptions),
                name=workload.name,
                answers_dir=opened.answers_dir,
                shared_answers=opened.shared_answers,
                limits=fit_analysis(limits, workload.size),
                price_file=load_price_file(price_file),
            ) as analysis,
        ):
            return LogSummary(spend=summarize_spend(analysis.spend()), prices=analysis.prices)
    except StoreUnavailable:
        raise  # they stay due
    except NetraError:
        log.info("the figures of log %s could not be computed", workload.id, exc_info=True)
        return EMPTY_SUMMARY
    finally:
        shutil.rmtree(temp, ignore_errors=True)


def _store_figures(workload: Workload, figures: LogSummary, publish: Publish) -> None:
    with as_user(workload.owner_id), transaction.atomic():
        row: Workload | None = Workload.objects.select_for_update().filter(id=workload.id, figures_due=True).first()
        if row is None or row.assumptions != workload.assumptions or row.attempt != workload.attempt:
            return
        row.figures_due = False
        row.spend = to_jsonable(figures.spend)
        row.prices = to_prices_json(figures)
        row.save(update_fields=["figures_due", "spend", "prices"])
        import_queue.append_state_event(row, publish=publish)


def to_prices_json(figures: LogSummary) -> object:
    """Return the first prices and the first models without one, as JSON."""
    prices = figures.prices
    if prices is None:
        return None
    shown = replace(prices, models=prices.models[:MAX_SHOWN_PRICES], unpriced=prices.unpriced[:MAX_SHOWN_PRICES])
    return to_jsonable(shown)
