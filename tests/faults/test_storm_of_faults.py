"""Nothing that was acknowledged is lost, doubled or shown to others, whatever fails while users ask."""

import asyncio
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.faults.installation import Installation
from tests.faults.storm.asker import Asker
from tests.faults.storm.cutting_proxy import cutting_proxy
from tests.faults.storm.report import format_report
from tests.faults.storm.storm import StormOptions, find_errors, run_storm, until
from tests.netra.scale_out.test_run_scaled import is_installed
from tests.parts import postgresql, redis
from tests.support.live_server import LiveServer

pytestmark = pytest.mark.long

FAULTS, USERS = 300, 100


@pytest.mark.soak
def test_every_accepted_question_ends_once_through_all_faults(tmp_path: Path) -> None:
    if postgresql.find_programs() is None or not redis.is_installed() or not is_installed("nginx"):
        pytest.skip("not installed: sudo apt-get install postgresql redis-server nginx")
    result = run_storm(StormOptions(folder=tmp_path / "scaled", faults=FAULTS, users=USERS, seed=1), print)
    sys.stdout.write(format_report(result))
    assert not result.is_bad, result.wrong
    assert len(result.recoveries) == FAULTS


async def ask_while_cut(server: LiveServer, askers: list[Asker], cuts: int) -> list[str]:
    """The errors of those who ask through a proxy that cuts their connections whenever somebody has asked again."""
    port = urlsplit(server.origin).port
    assert port is not None
    async with cutting_proxy(port) as proxy:
        url = f"ws://127.0.0.1:{proxy.port}/ws/"
        for asker in askers:
            asker.url = url
        attending = [asyncio.create_task(asker.attend()) for asker in askers]
        asking = [asyncio.create_task(asker.ask_on()) for asker in askers]
        try:
            for cut in range(1, cuts + 1):
                await until(lambda cut=cut: all(len(asker.questions) >= cut for asker in askers))  # type: ignore[misc]
                proxy.cut()
            for asker in askers:
                asker.is_asking = False
            await until(lambda: all(task.done() for task in asking))
            return [error for asker in askers for error in await find_errors(asker, url)]
        finally:
            for task in (*asking, *attending):
                task.cancel()


def test_cut_connections_lose_and_double_nothing(either: Installation, running: LiveServer) -> None:
    askers = [Asker(person, "", seed) for seed, person in enumerate(either.people(3))]
    assert asyncio.run(ask_while_cut(running, askers, cuts=3)) == []
    assert all(len(asker.questions) >= 3 for asker in askers)
