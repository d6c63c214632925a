"""What a process keeps of users' logs: whose it is, how much it is, and when it is dropped."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from asgiref.sync import sync_to_async

from core.concurrency.database_threads import SharedThreadExecutor
from tests.conftest import People
from tests.support.workloads.kept_state import STATE
from workloads.kept_values import MAX_LOG_BYTES, MAX_STATES, KeptValues, LogIdentity, identify_log
from workloads.log_record import LogRecord
from workloads.models import Invoice, Workload, WorkloadState
from workloads.pricing.assumptions import Assumptions

MINE, THEIRS, LOG = (uuid4() for _ in range(3))


def test_what_is_kept_is_found_by_the_same_owner_log_and_state_only() -> None:
    values = KeptValues()
    values.open(MINE, LOG, STATE).put("spend", "canary", 6)
    assert values.open(MINE, LOG, replace(STATE)).get("spend") == "canary"
    assert values.open(THEIRS, LOG, STATE).get("spend") is None
    assert values.open(MINE, uuid4(), STATE).get("spend") is None
    others: tuple[dict[str, Any], ...] = (
        {"attempt": 2},
        {"imported": {"key": "another"}},
        {"name": "renamed.csv"},
        {"size": 11},
        {"assumptions": Assumptions(discount_percent=Decimal(10))},
        {"invoice": uuid4()},
        {"price_file": (1, 2, 3)},
        {"day": STATE.day + timedelta(days=1)},
    )
    for change in others:
        assert KeptValues.open(values, MINE, LOG, replace(STATE, **change)).get("spend") is None, change


@pytest.fixture
def read_log(people: People) -> LogRecord:
    return LogRecord(Workload(owner=people.owner, name="log.csv", state=WorkloadState.READY, attempt=1), None)


@pytest.mark.django_db
def test_a_logs_identity_is_all_that_its_answers_depend_on(read_log: LogRecord, tmp_path: Path) -> None:
    prices = tmp_path / "prices.toml"
    prices.write_text("a")

    def identify(log: LogRecord = read_log, **other: Any) -> LogIdentity | None:
        asked: dict[str, Any] = {"assumptions": Assumptions(), "price_file": prices, "day": STATE.day, **other}
        return identify_log(log, asked["assumptions"], asked["price_file"], asked["day"])

    first = identify()
    assert first == identify()
    assert first != identify(LogRecord(read_log.workload, Invoice(workload=read_log.workload)))
    assert first != identify(price_file=None)
    prices.write_text("ab")
    assert first != identify()
    for state in (WorkloadState.QUEUED, WorkloadState.READING, WorkloadState.FAILED):
        read_log.workload.state = state
        assert identify() is None


def test_what_is_kept_of_one_log_is_bounded() -> None:
    values, half = KeptValues(), MAX_LOG_BYTES // 2
    kept = values.open(MINE, LOG, STATE)
    kept.put("first", 1, half)
    kept.put("second", 2, half)
    kept.put("third", 3, 1)
    assert (kept.get("second"), kept.get("third"), values.size) == (2, None, MAX_LOG_BYTES)
    kept.put("second", 4, half)  # as another run of the same moment may
    assert (kept.get("second"), values.size) == (2, MAX_LOG_BYTES)
    later = values.open(MINE, LOG, replace(STATE, day=STATE.day + timedelta(days=1)))
    later.put("third", 3, 1)  # the older state makes room
    assert (later.get("third"), values.open(MINE, LOG, STATE).get("first"), values.size) == (3, None, 1)


def test_few_states_of_a_log_are_kept() -> None:
    values = KeptValues()
    for attempt in range(MAX_STATES + 1):
        values.open(MINE, LOG, replace(STATE, attempt=attempt)).put("spend", attempt, 1)
    assert values.size == MAX_STATES
    assert values.open(MINE, LOG, replace(STATE, attempt=1)).get("spend") == 1
    assert values.open(MINE, LOG, replace(STATE, attempt=0)).get("spend") is None


def test_the_log_that_was_asked_least_recently_makes_room() -> None:
    values, logs = KeptValues(max_bytes=20), [uuid4() for _ in range(3)]
    for log in logs[:2]:
        values.open(MINE, log, STATE).put("spend", log, 10)
    values.open(MINE, logs[0], STATE)
    values.open(MINE, logs[2], STATE).put("spend", logs[2], 10)
    assert [values.open(MINE, log, STATE).get("spend") for log in logs] == [logs[0], None, logs[2]]
    assert values.size == 20


def test_a_dropped_log_is_gone_for_the_runs_that_use_it_too() -> None:
    values = KeptValues()
    kept = values.open(MINE, LOG, STATE)
    kept.put("spend", 1, 8)
    values.forget((MINE, LOG))
    kept.put("extent", 2, 8)
    assert (kept.get("spend"), kept.get("extent"), values.size, values.list_logs()) == (None, None, 0, [])


Change = Callable[[Workload], object]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "change", [Workload.delete, lambda log: Workload.objects.update(attempt=2)], ids=["del", "read"]
)
async def test_logs_that_are_deleted_or_read_again_are_dropped(people: People, change: Change) -> None:
    values = KeptValues()

    async def place() -> tuple[UUID, Workload]:
        log = await Workload.objects.acreate(owner=people.owner, name="log.csv", attempt=1, state=WorkloadState.READY)
        values.open(people.owner.id, log.id, STATE).put("spend", "canary", 6)
        return log.id, log

    (changed_id, changed), (other_id, _) = await place(), await place()
    values.open(people.neighbour.id, other_id, STATE).put("spend", "canary", 6)  # never their log
    await values.forget_deleted_logs(SharedThreadExecutor())
    assert values.list_logs() == [(people.owner.id, changed_id), (people.owner.id, other_id)]
    await Workload.objects.filter(id=other_id).aupdate(attempt=1)
    await sync_to_async(change)(changed)
    await Workload.objects.filter(id=other_id).aupdate(attempt=1)
    await values.forget_deleted_logs(SharedThreadExecutor())
    assert values.list_logs() == [(people.owner.id, other_id)]
