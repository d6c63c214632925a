"""Queries over REST: a user's own log, in a child process, with nothing of anybody else."""

import json
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from rest_framework.test import APIClient

from core.exceptions import NotFound
from tests.conftest import People
from tests.support.running_worker import log_file, place_log
from tests.workloads.api.conftest import SignedIn
from workloads.child_process import ProcessLimits
from workloads.log_queries import answer_query
from workloads.query.query import MeasureArguments, Query

pytestmark = pytest.mark.django_db(transaction=True)


def post(client: APIClient, path: str, body: dict[str, Any]) -> Any:
    return client.post(path, json.dumps(body), content_type="application/json")


def test_a_query_is_answered_and_its_rows_are_paged(people: People, signed_in: SignedIn, data_dir: Path) -> None:
    log = place_log(people.owner, log_file(data_dir / "logs", feature="mine", rows=5), data_dir)
    theirs = place_log(people.stranger, log_file(data_dir / "others", feature="canary"), data_dir)
    client = signed_in(people.owner)
    path = f"/api/workloads/{log.id}/query/"
    query = {"measures": ["spend", "requests", "latency_p50"], "by": ["feature"]}
    told = post(client, path, {"query": query, "sql": True}).json()
    assert [column["name"] for column in told["columns"]] == ["feature", "spend", "requests"]
    ((name, spend, requests),) = told["rows"]
    assert (name, Decimal(spend), requests) == ("mine", 5 * (1000 * Decimal("2.5") + 10 * 10) / 1_000_000, 5)
    assert (told["requests"], told["missing"][0]["field"]) == (5, "latency_ms")
    assert told["formulas"][0]["measure"] == "spend"
    assert told["sql"].startswith("SELECT")
    assert "sql" not in post(client, path, {"query": query}).json()
    page = post(client, f"{path}rows/", {"query": query | {"measures": ["spend"]}, "limit": 3, "offset": 3}).json()
    assert (len(page["rows"]), page["found"], page["next"]) == (2, 5, None)
    wrong = post(client, path, {"query": {"by": ["galaxy"]}})
    assert (wrong.status_code, "galaxy" in wrong.json()["message"]) == (400, True)
    assert post(client, path, {"query": {"where": [{"field": "team", "value": 1}]}}).status_code == 400
    assert post(client, f"/api/workloads/{theirs.id}/query/", {}).status_code == 404
    assert "canary" not in json.dumps([told, page])


def test_a_query_is_about_the_users_own_log(people: People, data_dir: Path) -> None:
    theirs = place_log(people.stranger, log_file(data_dir / "others", feature="canary"), data_dir)
    ask = partial(
        answer_query,
        workload_id=theirs.id,
        question=lambda analysis: analysis.measure(MeasureArguments(query=Query())).requests,
        data_dir=data_dir,
        temp=data_dir / "scratch" / "one",
        limits=ProcessLimits(),
        seconds=60,
    )
    assert ask(people.stranger.pk)
    with pytest.raises(NotFound):
        ask(people.owner.pk)


COLUMNS = ("feature", "team", "user", "customer", "api_key", "environment", "session", "error", "provider", "division")
"""Columns with names, the last one of no meaning to us. The model's names are in both logs."""


def write_canaries(folder: Path, whose: str) -> Path:
    """A log with a canary in each column, in a file that is called like everybody else's."""
    folder.mkdir()
    head = ",".join(("timestamp", "model", "input_tokens", "output_tokens", *COLUMNS))
    lines = [
        ",".join(("2026-01-01T00:00:00Z", "gpt-4o", "1000", "10", *(f"{whose}-{name}-{row % 3}" for name in COLUMNS)))
        for row in range(30)
    ]
    (folder / "usage.csv").write_text("\n".join((head, *lines)) + "\n")
    return folder / "usage.csv"


@pytest.mark.long
def test_no_dimension_has_anything_of_another_users_log(people: People, signed_in: SignedIn, data_dir: Path) -> None:
    logs = {
        user: place_log(user, write_canaries(data_dir / f"files-{user.username}", user.username), data_dir)
        for user in (people.owner, people.neighbour)
    }
    told: dict[str, str] = {}
    for user, log in logs.items():
        client, path = signed_in(user), f"/api/workloads/{log.id}/query/"
        (theirs,) = {each.username for each in logs} - {user.username}
        answers = [
            post(client, path, {"query": {"by": list(COLUMNS[at : at + 3])}, "sql": True}) for at in range(0, 10, 3)
        ]
        answers += [post(client, f"{path}rows/", {}), post(client, path, {"query": {"by": ["galaxy"]}})]
        for name in ("team", "division"):
            unknown = {"field": name, "values": [f"{theirs[:-1]}-{name}"]}
            answers.append(post(client, path, {"query": {"where": [unknown]}}))
        answers += [client.get(f"/api/workloads/{log.id}/{each}") for each in ("", "prices/")]
        assert [each.status_code for each in answers].count(400) == 1
        told[user.username] = "\n".join(each.content.decode() for each in answers)
        for other in set(logs) - {user}:
            refused = [
                client.get(f"/api/workloads/{logs[other].id}/prices/"),
                *(post(client, f"/api/workloads/{logs[other].id}/query/{each}", {}) for each in ("", "rows/")),
            ]
            assert [each.status_code for each in refused] == [404] * 3
    for name, text in told.items():
        assert all(f"{name}-{column}-1" in text for column in COLUMNS)
        for another in told.keys() - {name}:
            assert not [column for column in COLUMNS if f"{another}-{column}-" in text]
