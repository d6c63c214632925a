"""The kinds of faults: what is done to which part. Each leaves the installation to come back by itself."""

import asyncio
import os
import random
import signal
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass

import psycopg

from tests.faults.storm.cutting_proxy import CuttingProxy
from tests.netra.scale_out.running import ScaledProcess

FROZEN_WORKER_SECONDS = 12.0  # longer than one counts as alive
FROZEN_SERVER_SECONDS = 5.0
WORKER, SERVER, REDIS, POSTGRESQL = "manage.py work", "scale_out.server", "redis-server", "bin/postgres"
STORE = "s3_server"


@dataclass(frozen=True, slots=True)
class Target:
    """What faults are done to; `administrator` is the address of PostgreSQL's superuser."""

    scaled: ScaledProcess
    proxy: CuttingProxy
    administrator: str
    random: random.Random

    def send(self, number: signal.Signals, word: str) -> int | None:
        """Send it to one of these processes and return whose id it was; None if all of them are being started."""
        pids = self.scaled.list_processes(word)
        if not pids:
            return None
        pid = self.random.choice(pids)
        os.kill(pid, number)
        return pid


Fault = Callable[[Target], Awaitable[None]]


def kill(word: str, number: signal.Signals = signal.SIGKILL) -> Fault:
    async def inflict(target: Target) -> None:
        while target.send(number, word) is None:
            await asyncio.sleep(0.2)

    return inflict


def freeze(word: str, seconds: float) -> Fault:
    async def inflict(target: Target) -> None:
        while (pid := target.send(signal.SIGSTOP, word)) is None:
            await asyncio.sleep(0.2)
        await asyncio.sleep(seconds)
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)

    return inflict


async def cut_clients(target: Target) -> None:
    target.proxy.cut()


async def cut_database(target: Target) -> None:
    """End all connections of the application, as a router that loses its state does."""

    def terminate() -> None:
        with psycopg.connect(target.administrator, autocommit=True, connect_timeout=30) as connection:
            connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'netra'")

    await asyncio.to_thread(terminate)


FAULTS: Mapping[str, Fault] = {
    "worker killed": kill(WORKER),
    "worker frozen for 12 s": freeze(WORKER, FROZEN_WORKER_SECONDS),
    "worker stopped (SIGTERM)": kill(WORKER, signal.SIGTERM),
    "server killed": kill(SERVER),
    "server frozen for 5 s": freeze(SERVER, FROZEN_SERVER_SECONDS),
    "Redis killed": kill(REDIS),
    "PostgreSQL restarted": kill(POSTGRESQL, signal.SIGINT),
    "PostgreSQL crashed": kill(POSTGRESQL, signal.SIGQUIT),
    "object store killed": kill(STORE),
    "object store frozen for 5 s": freeze(STORE, FROZEN_SERVER_SECONDS),
    "connections to PostgreSQL cut": cut_database,
    "connections of clients cut": cut_clients,
}
