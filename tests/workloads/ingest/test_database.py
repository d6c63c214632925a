import json
from pathlib import Path

import duckdb
import pytest

from core.exceptions import BadInput
from core.i18n.text import to_json
from tests.support.workloads.ingested_logs import ingest_log
from workloads.ingest.database import attach_log, read_source, source_from_json, source_to_json

pytestmark = pytest.mark.slow

LOG = "time,input_tokens,output_tokens\n2024-05-01,1,2\n"


def test_it_lets_two_connections_read_one_file_at_the_same_time(tmp_path: Path) -> None:
    out = ingest_log(tmp_path, LOG).out
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
    con = attach_log(ingest_log(tmp_path, LOG).out, temp=tmp_path / "temp")
    with pytest.raises(duckdb.Error):
        con.execute(statement.format(tmp_path))
    con.close()


def test_it_spills_into_its_own_directory(tmp_path: Path) -> None:
    con = attach_log(ingest_log(tmp_path, LOG).out, temp=tmp_path / "temp", memory="40MB", threads=1)
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
    log = ingest_log(tmp_path, LOG + "2024-05-01,-1,2\n")
    con = attach_log(log.out, temp=tmp_path / "temp")
    stored = read_source(con)
    con.close()
    assert stored == log.source
    assert to_json(stored) == to_json(log.source)
    assert (stored.notes[0].template, stored.rejected[0].why.template) != (stored.notes[0], stored.rejected[0].why)


def test_it_reads_sentences_that_were_stored_in_english(tmp_path: Path) -> None:
    source = ingest_log(tmp_path, LOG + "2024-05-01,-1,2\n").source
    old = source_to_json(source) | {"notes": list(source.notes)}
    old["rejected"] = [{**one, "why": str(source.rejected[0].why)} for one in old["rejected"]]
    assert source_from_json(json.loads(json.dumps(old))) == source


EARLIER_COLUMNS = (
    *("row", "at", "request_id", "model", "provider", "fresh_input", "cache_read", "cache_write", "output"),
    *("latency_ms", "first_token_ms", "ok", "error", "streamed", "temperature", "has_tools", "feature", "end_user"),
    *("session", "prompt_hash", "blocks", "logged_cost"),
)


def make_earlier(out: Path) -> Path:
    """Make the log at `out` one that an earlier version read, which stored less of each row."""
    names = ", ".join(f'"{name}"' for name in EARLIER_COLUMNS)
    with duckdb.connect(str(out)) as con:
        con.execute(f"CREATE TABLE few AS SELECT {names} FROM requests; DROP TABLE requests")
        con.execute("ALTER TABLE few RENAME TO requests")
        source = json.loads(con.execute("SELECT json FROM source").fetchall()[0][0])
        for name in ("requests", "kept", "unread"):
            del source[name]
        source["columns"] = [name for name in source["columns"] if name in EARLIER_COLUMNS]
        con.execute("UPDATE source SET json = ?", [json.dumps(source)])
    return out


def test_a_log_that_an_earlier_version_read_looks_like_todays(tmp_path: Path) -> None:
    rows = "".join(f"2024-05-0{n}T10:00:07Z,gpt-4o,{n},2,{n}00\n" for n in (1, 2, 3))
    out = ingest_log(tmp_path, f"time,model,input_tokens,output_tokens,latency_ms\n{rows}").out
    con = attach_log(make_earlier(out), temp=tmp_path / "temp")
    known = con.execute("SELECT fresh_input, output, latency_ms, requests, is_sum FROM log.requests").fetchall()
    assert known == [(n, 2, n * 100, 1, False) for n in (1, 2, 3)]
    added = con.execute("SELECT cache_write_1h, searches, service_tier, team FROM log.requests").fetchall()
    assert added == [(0, 0, None, None)] * 3
    source = read_source(con)
    assert (source.rows, source.requests, "is_sum" in source.columns) == (3, 3, False)
    assert "An earlier version of Netra read this log" in source.notes[-1]
    with pytest.raises(duckdb.Error):
        con.execute("DELETE FROM log.requests")
    con.close()


@pytest.mark.parametrize("count", ["count,", ""])
def test_sums_that_an_earlier_version_read_are_sums(tmp_path: Path, count: str) -> None:
    rows = "".join(f"2024-05-0{n},gpt-4o,{'7,' if count else ''}{n}00000,2\n" for n in (1, 2, 3))
    out = ingest_log(tmp_path, f"time,model,{count}input_tokens,output_tokens\n{rows}").out
    con = attach_log(make_earlier(out), temp=tmp_path / "temp")
    assert con.execute("SELECT DISTINCT requests, is_sum FROM log.requests").fetchall() == [(None, True)]
    assert (read_source(con).requests, "is_sum" in read_source(con).columns) == (None, True)
    con.close()
