"""A log's spend and prices follow its assumptions, and only those."""

import asyncio
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from core.stream.append import publish_to_nobody
from tests.conftest import People
from tests.support.workloads.uploaded_logs import LOG, in_state, reading, upload_log
from workloads import logs
from workloads.child_process import DEFAULT_LIMITS
from workloads.log_figures import refresh_due_figures
from workloads.models import Workload, WorkloadState
from workloads.pricing.own_prices import OwnPrice

pytestmark = pytest.mark.django_db(transaction=True)


def return_unchanged(data: Any) -> Any:
    return data


async def read_log(people: People, folder: Path) -> Workload:
    workload = await sync_to_async(upload_log)(people.owner, folder, LOG)
    async with reading(folder):
        return await in_state(workload, WorkloadState.READY)


async def test_a_changed_price_changes_the_figures_beside_the_log(people: People, tmp_path: Path) -> None:
    workload = await read_log(people, tmp_path)
    assert return_unchanged(workload.spend)["total"] == "0.013000000000"
    assert return_unchanged(workload.prices)["models"][0]["model"] == "gpt-4o"
    change = {"model_prices": (OwnPrice(model="gpt-4o", discount_percent=Decimal(50)),)}
    changed = await sync_to_async(logs.change_assumptions)(people.owner.id, workload.id, change)
    assert (changed.spend, changed.figures_due, changed.state) == (None, True, WorkloadState.READY)
    assert await sync_to_async(refresh_due_figures)(workload.id, tmp_path, DEFAULT_LIMITS, publish_to_nobody)
    await workload.arefresh_from_db()
    assert (return_unchanged(workload.spend)["total"], workload.figures_due) == ("0.006500000000", False)
    assert not await sync_to_async(refresh_due_figures)(workload.id, tmp_path, DEFAULT_LIMITS, publish_to_nobody)


async def test_figures_that_cannot_be_computed_are_unknown_and_not_tried_for_ever(
    people: People, tmp_path: Path
) -> None:
    workload = await read_log(people, tmp_path)
    await sync_to_async(logs.change_assumptions)(people.owner.id, workload.id, {"discount_percent": Decimal(5)})
    await sync_to_async(workload.get_path(tmp_path).write_bytes)(b"damaged")
    assert await sync_to_async(refresh_due_figures)(workload.id, tmp_path, DEFAULT_LIMITS, publish_to_nobody)
    await workload.arefresh_from_db()
    assert (workload.spend, workload.prices, workload.figures_due) == (None, None, False)


async def test_the_worker_computes_what_is_due(people: People, tmp_path: Path) -> None:
    workload = await read_log(people, tmp_path)
    await sync_to_async(logs.change_assumptions)(people.owner.id, workload.id, {"discount_percent": Decimal(50)})
    async with reading(tmp_path):
        for _ in range(600):
            await workload.arefresh_from_db()
            if not workload.figures_due:
                break
            await asyncio.sleep(0.1)
    assert return_unchanged(workload.spend)["total"] == "0.006500000000"
