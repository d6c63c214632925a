from pathlib import Path

import duckdb
import pytest

from netra.core.exceptions import BadInput, StorageFull
from tests.workloads.builder import Requests
from workloads.ledger import Ledger


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Requests().add(model="gpt-4o", fresh_input=1).write(tmp_path).ledger()


def test_it_refuses_a_log_without_requests(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no usable request"):
        Requests().write(tmp_path).ledger()


def test_it_builds_a_table_once(ledger: Ledger) -> None:
    make = "CREATE TEMP TABLE once AS SELECT random() AS x"
    first = ledger.all(f"FROM {ledger.build('once', make)}")
    assert ledger.all(f"FROM {ledger.build('once', make)}") == first


def test_it_leaves_nothing_of_a_table_that_could_not_be_built(ledger: Ledger) -> None:
    with pytest.raises(duckdb.Error):
        ledger.build("half", "CREATE TEMP TABLE half (x INTEGER)", "INSERT INTO half VALUES ('no number')")
    assert ledger.all("FROM " + ledger.build("half", "CREATE TEMP TABLE half AS SELECT 1")) == [(1,)]


def test_it_builds_a_dropped_table_again(ledger: Ledger) -> None:
    ledger.build("state", "CREATE TEMP TABLE state AS SELECT 1")
    ledger.drop("state")
    assert ledger.all("FROM " + ledger.build("state", "CREATE TEMP TABLE state AS SELECT 2")) == [(2,)]


def test_it_tells_a_full_disk_from_other_faults(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full:
        def execute(self, sql: str) -> None:
            raise duckdb.IOException("Could not write file: No space left on device")

    monkeypatch.setattr(ledger, "_con", Full())
    with pytest.raises(StorageFull):
        ledger.all("SELECT 1")
