"""Two users' sessions, one after the other and both in one process: each is answered from its own log."""

import asyncio
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async

from core.concurrency.background import analysis_threads
from core.models import User
from tests.conftest import People
from tests.support.fakes import context
from tests.support.running_worker import log_file, place_log
from workloads.analysis.session import AnalysisSession
from workloads.models import Workload
from workloads.pricing.assumptions import Assumptions

pytestmark = pytest.mark.django_db(transaction=True)


def log_of(user: User, folder: Path, rows: int) -> Workload:
    return place_log(user, log_file(folder / user.username, feature=f"canary-{user.username}", rows=rows), folder)


async def test_results_of_one_log_are_not_anothers(people: People, tmp_path: Path) -> None:
    told: dict[User, str] = {}
    async with analysis_threads(2) as executor:

        async def ask(user: User, workload: Workload) -> None:
            session = AnalysisSession(
                context(user.id),
                workload_id=workload.id,
                # Not those under which the log's own answers were computed when it was brought.
                assumptions=Assumptions(discount_percent=Decimal(10)),
                executor=executor,
                data_dir=tmp_path,
                temp=tmp_path / "temp" / str(uuid4()),
            )
            async with session as mine:
                spend = await mine.ask(lambda analysis: analysis.spend())
                told[user] = f"{await mine.ask(lambda analysis: analysis.extent())} {spend}"

        for rows, user in enumerate((people.owner, people.neighbour), 20):
            workload = await sync_to_async(log_of)(user, tmp_path, rows)
            await asyncio.gather(ask(user, workload), ask(user, workload))
    for user, other in ((people.owner, people.neighbour), (people.neighbour, people.owner)):
        assert f"canary-{user.username}" in told[user]
        assert f"canary-{other.username}" not in told[user]
    assert "20" in told[people.owner]
    assert "21" in told[people.neighbour]
