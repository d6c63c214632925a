from pathlib import Path

import duckdb
import pytest

from core.exceptions import BadInput, StorageFull
from tests.workloads.builder import Requests
from workloads.analysis.priced_log import PricedLog


@pytest.fixture
def ledger(tmp_path: Path) -> PricedLog:
    return Requests().add(model="gpt-4o", fresh_input=1).write(tmp_path).ledger()


def test_it_refuses_a_log_without_requests(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no usable request"):
        Requests().write(tmp_path).ledger()


def test_it_builds_a_table_once(ledger: PricedLog) -> None:
    make = "CREATE TEMP TABLE once AS SELECT random() AS x"
    first = ledger.fetch_all(f"FROM {ledger.create_table('once', make)}")
    assert ledger.fetch_all(f"FROM {ledger.create_table('once', make)}") == first


def test_it_leaves_nothing_of_a_table_that_could_not_be_built(ledger: PricedLog) -> None:
    with pytest.raises(duckdb.Error):
        ledger.create_table("half", "CREATE TEMP TABLE half (x INTEGER)", "INSERT INTO half VALUES ('no number')")
    assert ledger.fetch_all("FROM " + ledger.create_table("half", "CREATE TEMP TABLE half AS SELECT 1")) == [(1,)]


def test_it_builds_a_dropped_table_again(ledger: PricedLog) -> None:
    ledger.create_table("state", "CREATE TEMP TABLE state AS SELECT 1")
    ledger.drop_table("state")
    assert ledger.fetch_all("FROM " + ledger.create_table("state", "CREATE TEMP TABLE state AS SELECT 2")) == [(2,)]


def test_it_tells_a_full_disk_from_other_faults(ledger: PricedLog, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full:
        def execute(self, sql: str) -> None:
            raise duckdb.IOException("Could not write file: No space left on device")

    monkeypatch.setattr(ledger, "_con", Full())
    with pytest.raises(StorageFull):
        ledger.fetch_all("SELECT 1")
