from pathlib import Path

import duckdb
import pytest

from core.exceptions import BadInput, StorageFull
from tests.support.workloads.builder import Requests
from workloads.analysis.priced_log import PricedLog

pytestmark = pytest.mark.slow


@pytest.fixture
def priced_log(tmp_path: Path) -> PricedLog:
    return Requests().add(model="gpt-4o", fresh_input=1).write(tmp_path).priced_log()


def test_it_refuses_a_log_without_requests(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no usable request"):
        Requests().write(tmp_path).priced_log()


def test_it_builds_a_table_once(priced_log: PricedLog) -> None:
    make = "CREATE TEMP TABLE once AS SELECT random() AS x"
    first = priced_log.fetch_all(f"FROM {priced_log.create_table('once', make)}")
    assert priced_log.fetch_all(f"FROM {priced_log.create_table('once', make)}") == first


def test_it_leaves_nothing_of_a_table_that_could_not_be_built(priced_log: PricedLog) -> None:
    with pytest.raises(duckdb.Error):
        priced_log.create_table("half", "CREATE TEMP TABLE half (x INTEGER)", "INSERT INTO half VALUES ('no number')")
    assert priced_log.fetch_all("FROM " + priced_log.create_table("half", "CREATE TEMP TABLE half AS SELECT 1")) == [
        (1,)
    ]


def test_it_builds_a_dropped_table_again(priced_log: PricedLog) -> None:
    priced_log.create_table("state", "CREATE TEMP TABLE state AS SELECT 1")
    priced_log.drop_tables({"state"})
    assert priced_log.fetch_all("FROM " + priced_log.create_table("state", "CREATE TEMP TABLE state AS SELECT 2")) == [
        (2,)
    ]


def test_it_tells_a_full_disk_from_other_faults(priced_log: PricedLog, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full:
        def execute(self, sql: str) -> None:
            raise duckdb.IOException("Could not write file: No space left on device")

    monkeypatch.setattr(priced_log, "_con", Full())
    with pytest.raises(StorageFull):
        priced_log.fetch_all("SELECT 1")
