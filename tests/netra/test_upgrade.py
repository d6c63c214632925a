"""Today's code opens the data folder of an earlier version: nothing is lost, and work continues (see its README)."""

import json
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen
from zipfile import ZipFile

import pytest

from tests.netra.management.test_run import free_port, manage, run_server
from tests.support.patience import PATIENCE

pytestmark = [pytest.mark.slow, pytest.mark.long]

ARCHIVE = Path(__file__).parent / "old_installation" / "data.zip"
TOKEN = "dbb351a50a2f0f6f527fd101472406ff39f994d4d6d64479f6828c50261e837a"
LOG, RUN = "33f262b2-acdc-4365-8828-b2b4d038ab51", "fb9b447d-590a-440d-aa7b-9ddd29eba15f"
UPLOAD, UPLOADED_BYTES = "bf2df2dd-2102-4c78-8d70-48312dcb4eac", 72
SPEND = "$0.2020"
PRESERVED_TABLES = (
    *("agents_message", "agents_run", "agents_step", "agents_thread"),
    *("audit_auditrow", "core_event", "core_user", "tools_callresult", "workloads_workload"),
)


class RestClient:
    def __init__(self, port: int, token: str = TOKEN) -> None:
        self._url = f"http://127.0.0.1:{port}/api/"
        self._token = token

    def get(self, path: str) -> Any:
        return self._send("GET", path)

    def post(self, path: str, content: Any) -> Any:
        return self._send("POST", path, json.dumps(content).encode(), {"Content-Type": "application/json"})

    def upload(self, path: str, part: bytes, offset: int) -> Any:
        headers = {"Content-Type": "application/octet-stream", "Upload-Offset": str(offset)}
        return self._send("PATCH", path, part, headers)

    def wait_for(self, path: str, state: str) -> Any:
        until = time.monotonic() + PATIENCE
        while (found := self.get(path))["state"] != state:
            assert found["state"] != "failed", found
            assert time.monotonic() < until
            time.sleep(0.1)
        return found

    def _send(self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> Any:
        every = {"Authorization": f"Token {self._token}", **(headers or {})}
        with urlopen(Request(self._url + path, body, every, method=method), timeout=PATIENCE) as response:
            return json.loads(response.read())


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("old") / "data"
    folder.mkdir(mode=0o700)
    with ZipFile(ARCHIVE) as archive:
        archive.extractall(folder)
    return folder


def read_rows(data_dir: Path) -> dict[str, set[str]]:
    """Return the keys of the rows of each preserved table, and of events also their stored text."""
    with closing(sqlite3.connect(data_dir / "netra.sqlite3")) as database:
        rows = {
            table: {str(row[0]) for row in database.execute(f"SELECT id FROM {table}")} for table in PRESERVED_TABLES
        }
        return rows | {"payloads": {str(row[0]) for row in database.execute("SELECT payload FROM core_event")}}


@pytest.fixture(scope="module")
def rows_before(data_dir: Path) -> dict[str, set[str]]:
    return read_rows(data_dir)


@pytest.fixture(scope="module")
def client(data_dir: Path, rows_before: dict[str, set[str]]) -> Iterator[RestClient]:
    """A client of a server that has opened the old folder, which migrates it."""
    port = free_port(22_000)
    with run_server(data_dir, port) as server:
        server.ready()
        yield RestClient(port)
        assert server.end(signal.SIGINT) == 0


def test_the_token_still_signs_in(client: RestClient) -> None:
    assert client.get("me/")["username"] == "ana"


def test_the_log_is_readable(client: RestClient) -> None:
    logs = {log["id"]: log for log in client.get("workloads/")["results"]}
    assert (logs[LOG]["name"], logs[LOG]["state"], logs[LOG]["source"]["rows"]) == ("october.csv", "ready", 24)


def test_the_conversation_its_run_and_its_report_are_readable(client: RestClient) -> None:
    run = client.get(f"runs/{RUN}/")
    assert (run["state"], run["workload_id"], run["has_report"]) == ("completed", LOG, True)
    assert SPEND in run["answer"]
    assert round(client.get(f"runs/{RUN}/report/")["spend"]["total"], 4) == 0.2020
    (message,) = client.get(f"threads/{run['thread_id']}/")["messages"]
    assert message["text"] == "who are my five most expensive users?"
    assert {event["type"] for event in message["run"]["events"]} >= {
        "agent_started",
        "tool_completed",
        "agent_completed",
    }


def test_a_new_question_about_the_old_log_is_answered(client: RestClient) -> None:
    run = client.post("runs/", {"text": "cut my spend by 30 %", "workload_id": LOG})
    assert SPEND in client.wait_for(f"runs/{run['id']}/", "completed")["answer"]


def test_a_new_answer_about_the_old_log_has_the_same_figures(client: RestClient) -> None:
    before = client.get(f"runs/{RUN}/report/")
    run = client.post("runs/", {"text": "How can I cut my spend?", "workload_id": LOG})
    client.wait_for(f"runs/{run['id']}/", "completed")
    after = client.get(f"runs/{run['id']}/report/")
    for name in ("rows", "tokens"):
        assert after[name] == before[name], name
    assert after["spend"]["total"] == before["spend"]["total"]
    assert after["requests"] == before["rows"]
    costs = [sorted(round(part["cost"], 12) for part in report["spend_by_model"]) for report in (before, after)]
    assert costs[0] == costs[1]
    assert any("earlier version" in note for note in after["notes"])


def test_an_unfinished_upload_can_be_finished(client: RestClient) -> None:
    (upload,) = client.get("snapshot/")["uploads"]
    assert (upload["id"], upload["offset"], upload["size"]) == (UPLOAD, UPLOADED_BYTES, 200)
    client.upload(f"uploads/{UPLOAD}/", b"2026-11-01T00:00:00Z,gpt-4o,1,2\n" * 4, UPLOADED_BYTES)
    assert client.wait_for(f"workloads/{UPLOAD}/", "ready")["source"]["rows"] == 5


@pytest.mark.slow
def test_nothing_is_lost_and_the_audit_log_is_intact(
    client: RestClient, data_dir: Path, rows_before: dict[str, set[str]]
) -> None:
    rows = read_rows(data_dir)
    assert [table for table in rows_before if not rows_before[table] or rows_before[table] - rows[table]] == []
    verified = manage(data_dir, "verify_audit")
    assert (verified.returncode, verified.stderr) == (0, "")


@pytest.mark.slow
def test_permissions_get_their_new_names(client: RestClient, data_dir: Path) -> None:
    with closing(sqlite3.connect(data_dir / "netra.sqlite3")) as database:
        names = database.execute("SELECT name FROM auth_permission WHERE codename IN ('prune', 'engine_health')")
        assert {name for (name,) in names} == {"Can prune old data", "Can view worker health"}
