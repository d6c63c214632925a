import json
from pathlib import Path

import duckdb
import pytest

from core.exceptions import BadInput
from core.i18n.text import to_json
from tests.support.workloads.ingested_logs import bring
from workloads.ingest.database import attach_log, read_source, source_from_json, source_to_json

LOG = "time,input_tokens,output_tokens\n2024-05-01,1,2\n"


def test_it_lets_two_connections_read_one_file_at_the_same_time(tmp_path: Path) -> None:
    out = bring(tmp_path, LOG).out
    one, two = attach_log(out, temp=tmp_path / "one"), attach_log(out, temp=tmp_path / "two")
    one.execute("CREATE TEMP TABLE mine AS SELECT * FROM log.requests")
    assert two.execute("SELECT count(*) FROM log.requests").fetchone() == (1,)
    with pytest.raises(duckdb.CatalogException):
        two.execute("FROM mine")
    one.close()
    two.close()


@pytest.mark.parametrize(
    "statement",
    [
        "FROM read_csv('{0}/log.csv')",
        "FROM read_text('/etc/hostname')",
        "ATTACH '{0}/other.duckdb'",
        "COPY (SELECT 1) TO '{0}/stolen.csv'",
        "DELETE FROM log.requests",
        "SET threads = 8",
        "SET enable_external_access = true",
        "INSTALL httpfs",
        "LOAD httpfs",
    ],
)
def test_it_reaches_nothing_but_the_log(tmp_path: Path, statement: str) -> None:
    con = attach_log(bring(tmp_path, LOG).out, temp=tmp_path / "temp")
    with pytest.raises(duckdb.Error):
        con.execute(statement.format(tmp_path))
    con.close()


def test_it_spills_into_its_own_directory(tmp_path: Path) -> None:
    con = attach_log(bring(tmp_path, LOG).out, temp=tmp_path / "temp", memory="40MB", threads=1)
    con.execute("CREATE TEMP TABLE big AS SELECT range AS a, hash(range) AS b FROM range(4000000)")
    assert any((tmp_path / "temp").iterdir())
    assert con.execute("SELECT count(*) FROM big").fetchone() == (4_000_000,)
    con.close()


@pytest.mark.parametrize("content", [b"", b"nothing of ours" * 999])
def test_it_says_that_a_stored_file_is_damaged(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "log.duckdb"
    path.write_bytes(content)
    with pytest.raises(BadInput, match="missing or damaged"):
        attach_log(path, temp=tmp_path / "temp")
    path.unlink()
    with pytest.raises(BadInput, match="missing or damaged"):
        attach_log(path, temp=tmp_path / "temp")


def test_it_keeps_sentences_as_they_were_made(tmp_path: Path) -> None:
    log = bring(tmp_path, LOG + "2024-05-01,-1,2\n")
    con = attach_log(log.out, temp=tmp_path / "temp")
    stored = read_source(con)
    con.close()
    assert stored == log.source
    assert to_json(stored) == to_json(log.source)
    assert (stored.notes[0].template, stored.rejected[0].why.template) != (stored.notes[0], stored.rejected[0].why)


def test_it_reads_sentences_that_were_stored_in_english(tmp_path: Path) -> None:
    source = bring(tmp_path, LOG + "2024-05-01,-1,2\n").source
    old = source_to_json(source) | {"notes": list(source.notes)}
    old["rejected"] = [{**one, "why": str(source.rejected[0].why)} for one in old["rejected"]]
    assert source_from_json(json.loads(json.dumps(old))) == source
