import asyncio
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from rest_framework.test import APIClient

from core.models import User
from tests.conftest import People
from tests.support.running_worker import import_log, log_file
from tests.support.workloads.uploaded_logs import LOG, UNNAMED, in_state, reading, require, upload_log
from tests.workloads.api.conftest import SignedIn
from workloads import logs
from workloads.models import Workload, WorkloadState

pytestmark = pytest.mark.django_db(transaction=True)

NOTHING_SAID: dict[str, Any] = {
    "assume_model": None,
    "price_in": None,
    "price_out": None,
    "discount_percent": "0",
    "model_prices": [],
    "model_names": [],
    "answers": [],
    "time_zone": "UTC",
    "target_model": None,
}


async def read(user: User, data_dir: Path, content: bytes, state: WorkloadState) -> Workload:
    """A log that a reader has been at."""
    workload = await sync_to_async(upload_log)(user, data_dir, content)
    async with reading(data_dir):
        return await in_state(workload, state)


async def got(client: APIClient, path: str) -> Any:
    return (await sync_to_async(client.get)(path)).json()


async def test_a_log_tells_what_was_read(people: People, signed_in: SignedIn, data_dir: Path) -> None:
    workload = await read(people.owner, data_dir, LOG, WorkloadState.READY)
    told = await got(await sync_to_async(signed_in)(people.owner), f"/api/workloads/{workload.id}/")
    source = told.pop("source")
    assert told == {
        "id": str(workload.id),
        "name": "usage.csv",
        "state": "ready",
        "error": None,
        "size": len(LOG),
        "created_at": workload.created_at.isoformat().replace("+00:00", "Z"),
        "preview": workload.preview,
        "spend": {
            "total": "0.013000000000",
            "stated": "0",
            "currency": "USD",
            "priced_requests": 5,
            "unpriced_requests": 0,
        },
        "assumptions": NOTHING_SAID,
        "can_reread": True,
        "progress": None,
    }
    assert source | {"notes": [], "columns": []} == {
        "rows": 5,
        "requests": 5,
        "first": "2026-01-01T00:00:00Z",
        "last": "2026-01-01T00:00:00Z",
        "relative_clock": False,
        "span_seconds": 0.0,
        "format": "tabular",
        "format_title": "Table (columns detected)",
        "guessed": True,
        "mapping": {
            "time": "timestamp",
            "model": "model",
            "input_tokens": "input_tokens",
            "output_tokens": "output_tokens",
        },
        "columns": [],
        "kept": [],
        "ignored": [],
        "unread": [],
        "rejected": [],
        "notes": [],
        "synthetic": False,
        "models": 1,
    }
    assert {"at", "model"} <= set(source["columns"])


async def test_a_log_without_models_says_so(people: People, signed_in: SignedIn, data_dir: Path) -> None:
    workload = await read(
        people.owner, data_dir, LOG.replace(b"model", b"m_").replace(b"gpt-4o", b"one"), WorkloadState.READY
    )
    told = await got(await sync_to_async(signed_in)(people.owner), f"/api/workloads/{workload.id}/")
    assert "model" not in told["source"]["columns"]
    assert (told["source"]["models"], told["spend"]["unpriced_requests"]) == (0, 5)


async def test_a_log_that_failed_is_mapped_and_read_again(people: People, signed_in: SignedIn, data_dir: Path) -> None:
    workload = await read(people.owner, data_dir, UNNAMED, WorkloadState.FAILED)
    client = await sync_to_async(signed_in)(people.owner)
    told = await got(client, f"/api/workloads/{workload.id}/")
    assert (told["state"], told["source"], told["error"]["code"]) == ("failed", None, "bad_input")
    assert told["preview"]["columns"][2] == {"name": "in_t", "examples": ["1000"]}
    asked = {"mapping": {"input_tokens": "in_t", "output_tokens": "out_t", "model": ""}}
    answer = await sync_to_async(client.post)(f"/api/workloads/{workload.id}/read/", asked, format="json")
    assert (answer.status_code, answer.json()["state"], answer.json()["can_reread"]) == (202, "queued", False)
    again = await sync_to_async(client.post)(f"/api/workloads/{workload.id}/read/", asked, format="json")
    assert (again.status_code, again.json()["code"]) == (409, "conflict")
    async with reading(data_dir):
        await in_state(workload, WorkloadState.READY)
    told = await got(client, f"/api/workloads/{workload.id}/")
    assert (told["error"], told["source"]["rows"]) == (None, 5)
    assert "model" not in told["source"]["mapping"]


async def test_a_file_that_is_no_table_is_not_offered_to_be_read_again(
    people: People, signed_in: SignedIn, data_dir: Path
) -> None:
    workload = await read(people.owner, data_dir, b"\0\1\2" * 100, WorkloadState.FAILED)
    client = await sync_to_async(signed_in)(people.owner)
    told = await got(client, f"/api/workloads/{workload.id}/")
    assert (told["preview"], told["can_reread"]) == (None, False)
    answer = await sync_to_async(client.post)(f"/api/workloads/{workload.id}/read/", {}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    await Workload.objects.aupdate(error_code="storage_full")
    assert (await got(client, f"/api/workloads/{workload.id}/"))["can_reread"]


async def test_the_sample_is_a_log_of_the_users_own(
    people: People, signed_in: SignedIn, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "SAMPLE_REQUESTS", 1_000)
    client = await sync_to_async(signed_in)(people.owner)
    answer = await sync_to_async(client.post)("/api/workloads/sample/")
    assert (answer.status_code, answer.json()["state"], answer.json()["source"]) == (201, "queued", None)
    async with reading(data_dir):
        workload = await in_state(await Workload.objects.aget(), WorkloadState.READY)
    told = await got(client, f"/api/workloads/{workload.id}/")
    assert told["source"]["synthetic"]
    assert told["spend"]["unpriced_requests"] == 0
    stranger = await sync_to_async(signed_in)(people.stranger)
    assert await got(stranger, "/api/workloads/") == {"results": [], "next": None}


def test_a_log_is_renamed(people: People, signed_in: SignedIn, data_dir: Path) -> None:
    workload, client = upload_log(people.owner, data_dir), signed_in(people.owner)
    answer = client.patch(f"/api/workloads/{workload.id}/", {"name": "<b>June\u202e</b>"}, format="json")
    assert (answer.status_code, answer.json()["name"]) == (200, "<b>June</b>")
    assert client.patch(f"/api/workloads/{workload.id}/", {"name": ""}, format="json").status_code == 400
    assert client.get("/api/workloads/").json()["results"][0]["name"] == "<b>June</b>"


def test_a_log_brought_in_a_terminal_is_there_too(
    people: People, signed_in: SignedIn, data_dir: Path, tmp_path: Path
) -> None:
    workload = import_log(people.owner, log_file(tmp_path / "logs", feature="x"), data_dir)
    told = signed_in(people.owner).get(f"/api/workloads/{workload.id}/").json()
    assert (told["state"], told["source"]["rows"], told["can_reread"]) == ("ready", 20, False)
    assert (told["source"]["first"], told["spend"], told["preview"]) == (None, None, None)


def test_a_table_of_very_many_columns_is_told_of_in_part(people: People, signed_in: SignedIn, data_dir: Path) -> None:
    workload = import_log(people.owner, log_file(data_dir / "logs", feature="x"), data_dir)
    workload.source = {**require(workload.source), "ignored": ["x" * 1000] * 1000}
    workload.save()
    told = signed_in(people.owner).get(f"/api/workloads/{workload.id}/").json()
    assert told["source"]["ignored"] == ["x" * 200] * 200


async def test_a_stranger_gets_404_for_everything(people: People, signed_in: SignedIn, data_dir: Path) -> None:
    workload = await read(people.owner, data_dir, LOG, WorkloadState.READY)
    path = f"/api/workloads/{workload.id}/"
    for other in (people.neighbour, people.stranger):
        client = await sync_to_async(signed_in)(other)
        answers = [
            await sync_to_async(client.get)(path),
            await sync_to_async(client.patch)(path, {"name": "mine"}, format="json"),
            await sync_to_async(client.post)(f"{path}read/", {}, format="json"),
            await sync_to_async(client.delete)(path),
        ]
        assert [answer.status_code for answer in answers] == [404] * 4
        assert await got(client, "/api/workloads/") == {"results": [], "next": None}
    kept = await Workload.objects.aget()
    assert (kept.name, kept.state) == ("usage.csv", "ready")
    assert await asyncio.to_thread(kept.get_path(data_dir).exists)


def test_prices_and_answers_are_kept_with_the_log(people: People, signed_in: SignedIn, data_dir: Path) -> None:
    workload, client = upload_log(people.owner, data_dir), signed_in(people.owner)
    path = f"/api/workloads/{workload.id}/assumptions/"
    answer = {"lever": "batch", "scope": "feature=nightly", "value": True, "at": "2026-06-01T00:00:00Z"}
    body = {
        "assume_model": "gpt-4o",
        "model_prices": [{"model": "mine", "fresh_input": 1, "output": "2.5"}],
        "model_names": [{"name": "prod", "model": "mine"}],
        "answers": [answer],
    }
    kept = client.patch(path, body, format="json").json()["assumptions"]
    assert kept["assume_model"] == "gpt-4o"
    assert {"model": "mine", "fresh_input": "1", "output": "2.5"}.items() <= kept["model_prices"][0].items()
    assert kept["answers"] == [answer]
    less = {"model_names": [{"name": "prod", "model": None}], "answers": [answer | {"value": "3"}]}
    kept = client.patch(path, less, format="json").json()["assumptions"]
    assert (kept["model_names"], kept["answers"][0]["value"], kept["assume_model"]) == ([], "3", "gpt-4o")
    assert client.get(f"/api/workloads/{workload.id}/").json()["assumptions"] == kept


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ({"model_prices": [{"model": "m", "output": "-1"}]}, "not a valid output price of m"),
        ({"model_prices": [{"model": "m", "tokens": "1"}]}, "Unknown field"),
        ({"model_prices": [{"model": "m", "output": "1"}] * 501}, "no more than 500"),
        ({"model_names": [{"name": "prod", "model": "gpt-4oo"}]}, "'gpt-4oo' is not in the price list"),
        ({"assume_model": "gpt-4oo"}, "Similar names: gpt-4o"),
        ({"answers": [{"lever": "batch", "value": "perhaps"}]}, "valid number"),
        ({"price_in": "1"}, "output price is missing"),
        ({"model_prices": "cheap"}, "list of items"),
    ],
)
def test_impossible_prices_are_refused_and_change_nothing(
    people: People, signed_in: SignedIn, data_dir: Path, body: dict[str, Any], why: str
) -> None:
    workload = upload_log(people.owner, data_dir)
    answer = signed_in(people.owner).patch(f"/api/workloads/{workload.id}/assumptions/", body, format="json")
    assert (answer.status_code, why in answer.json()["message"]) == (400, True), answer.json()
    workload.refresh_from_db()
    assert workload.assumptions == {}
