"""What so many connected users need, by arithmetic from measured costs: processes, PostgreSQL, Redis, storage, money.

Nothing runs here. Each cost has the command that measured it, and can be given anew as it changes; so can how people
use it. `python -m benchmarks.capacity [--users N ...] [--run-ms N] [--questions-a-day N] ...` prints docs/scaling.md's
table."""

import argparse
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields

DEFAULT_USERS = (10_000, 100_000, 1_000_000)
SECONDS_PER_DAY = 86_400
GIB, KIB = 1 << 30, 1 << 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """Of one of each, measured on one of our cores (docs/performance.md, docs/scaling.md)."""

    connection_kib: float = 34.1  # benchmarks.stream --profile scale-out --idle 1000
    process_mib: float = 250.0  # a server or worker without users: benchmarks.users
    frame_ms: float = 0.056  # benchmarks.stream, raw: 279 us for five frames
    event_ms: float = 0.19  # of a run, sent by the server: benchmarks.scale, 8.6 ms for 45 events
    run_ms: float = 20.3  # a full report in its worker, with PostgreSQL: benchmarks.scale
    run_postgresql_ms: float = 21.5  # benchmarks.scale
    run_events: float = 45.0  # of a full report; a short answer has a third
    event_bytes: float = 900.0  # a row of the event table with its indexes
    run_bytes: float = 60_000.0  # messages, steps, calls, audit: everything of a run but its events
    log_row_us: float = 22.0  # reading a row of a log: benchmarks.analysis, 22 s for a million
    log_bytes_per_row: float = 165.0  # the original, compressed, and the read log


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Of one connected user, and how much busier than its average the busiest hour of a day is."""

    questions_a_day: float = 20.0
    logs_a_week: float = 1.0
    rows_per_log: float = 200_000.0
    logs_kept: float = 5.0
    days_of_events: float = 30.0  # NETRA_PRUNE_DAYS
    days_of_runs: float = 365.0
    peak: float = 6.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one of each takes at most, and prices in USD a month, which are assumptions about a large provider."""

    connections_per_server: float = 8_000.0  # below NETRA_CONNECTIONS, so that one may fail
    core_share: float = 0.6  # how busy a core may be at the peak
    postgresql_cores: float = 32.0  # of one primary
    redis_messages: float = 80_000.0  # a second of one shard
    redis_subscriptions: float = 250_000.0  # of one shard: one for each connected user
    core_price: float = 25.0
    memory_gib_price: float = 3.0
    disk_gib_price: float = 0.12
    object_gib_price: float = 0.023


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacity:
    """Of so many connected users. `cores` are of servers, workers and PostgreSQL at the peak."""

    users: int
    runs_a_second: float
    servers: int
    workers: int
    postgresql_cores: float
    postgresql_tib: float
    redis_shards: int
    store_tib: float
    memory_gib: float
    first_limit: str
    usd_a_month: float


def compute_capacity(users: int, costs: Costs, usage: Usage, limits: Limits) -> Capacity:
    runs = users * usage.questions_a_day / SECONDS_PER_DAY * usage.peak
    events = runs * costs.run_events
    rows = users * usage.logs_a_week / 7 * usage.rows_per_log / SECONDS_PER_DAY * usage.peak
    heartbeats = users / 15
    server_cores = (events * costs.event_ms + heartbeats * costs.frame_ms) / 1000 / limits.core_share
    servers = math.ceil(max(users / limits.connections_per_server, server_cores, 2))
    worker_cores = (runs * costs.run_ms / 1000 + rows * costs.log_row_us / 1_000_000) / limits.core_share
    workers = max(2, math.ceil(worker_cores))
    postgresql_cores = runs * costs.run_postgresql_ms / 1000 / limits.core_share
    asked = users * usage.questions_a_day
    stored = asked * (
        usage.days_of_events * costs.run_events * costs.event_bytes + usage.days_of_runs * costs.run_bytes
    )
    kept = users * usage.logs_kept * usage.rows_per_log * costs.log_bytes_per_row
    shards = math.ceil(max(users / limits.redis_subscriptions, 2 * events / limits.redis_messages, 1))
    memory = (users * costs.connection_kib * KIB + (servers + workers) * costs.process_mib * (1 << 20)) / GIB
    money = (
        (servers + workers + math.ceil(postgresql_cores) * 2 + shards) * limits.core_price  # a standby beside it
        + (memory + postgresql_cores * 2 * 8 + shards * 4) * limits.memory_gib_price
        + stored / GIB * 2 * limits.disk_gib_price
        + kept / GIB * limits.object_gib_price
    )
    return Capacity(
        users=users,
        runs_a_second=runs,
        servers=servers,
        workers=workers,
        postgresql_cores=postgresql_cores,
        postgresql_tib=stored / (1 << 40),
        redis_shards=shards,
        store_tib=kept / (1 << 40),
        memory_gib=memory,
        first_limit=_find_first_limit(users, runs, events, server_cores, costs, limits),
        usd_a_month=money,
    )


def _find_first_limit(users: int, runs: float, events: float, server_cores: float, costs: Costs, limits: Limits) -> str:
    """Return what is used most of what one of each can do: it has to be divided first as users are added."""
    shares = {
        "a worker's core": runs * costs.run_ms / 1000 / limits.core_share,
        "a server's core": server_cores,
        "a server's connections": users / limits.connections_per_server,
        "a Redis": max(users / limits.redis_subscriptions, 2 * events / limits.redis_messages),
        "a PostgreSQL": runs * costs.run_postgresql_ms / 1000 / limits.core_share / limits.postgresql_cores,
    }
    return max(shares, key=lambda name: shares[name])


COLUMNS: Mapping[str, Callable[[Capacity], str]] = {
    "connected users": lambda found: f"{found.users:,}",
    "questions a second": lambda found: f"{found.runs_a_second:,.0f}",
    "servers": lambda found: f"{found.servers:,}",
    "workers": lambda found: f"{found.workers:,}",
    "PostgreSQL, cores": lambda found: f"{found.postgresql_cores:,.1f}",
    "its disk (TiB)": lambda found: f"{found.postgresql_tib:,.1f}",
    "Redis shards": lambda found: f"{found.redis_shards}",
    "object store (TiB)": lambda found: f"{found.store_tib:,.1f}",
    "memory (GiB)": lambda found: f"{found.memory_gib:,.0f}",
    "divided first": lambda found: found.first_limit,
    "USD a month": lambda found: f"{found.usd_a_month:,.0f}",
}


def format_table(found: list[Capacity]) -> str:
    lines = [f"| {' | '.join(COLUMNS)} |", "|" + "---|" * len(COLUMNS)]
    lines += [f"| {' | '.join(form(each) for form in COLUMNS.values())} |" for each in found]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, nargs="+", default=DEFAULT_USERS)
    kinds = (Costs, Usage, Limits)
    for kind in kinds:
        for each in fields(kind):
            parser.add_argument(f"--{each.name.replace('_', '-')}", type=float, default=each.default)
    options = vars(parser.parse_args())
    costs, usage, limits = (kind(**{each.name: options[each.name] for each in fields(kind)}) for kind in kinds)
    print(format_table([compute_capacity(users, costs, usage, limits) for users in options["users"]]))  # type: ignore[arg-type]


if __name__ == "__main__":
    main()
