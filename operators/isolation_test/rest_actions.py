"""REST actions of a simulated user: create data, read and rename it, and try other users' ids."""

import asyncio
import contextlib
import time
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from operators.isolation_test import canaries
from operators.isolation_test.rest_client import PATIENCE
from operators.isolation_test.simulated_user import OwnedObjects, SimulatedUser

LIST_PATHS = ("snapshot/", "threads/", "runs/", "events/", "workloads/", "uploads/", "reports/", "me/")
REPORT_PATHS = ("report/", "report/report.json", "report/report.md", "report/report.csv")
REREAD_BODY = {"format": None}
ABORT_SECONDS = 0.01  # a client that goes away while its answer is being made
POLL_INTERVAL = 0.25  # seconds


async def create_objects(actor: SimulatedUser) -> None:
    await _create_thread(actor)
    await _create_unfinished_upload(actor)
    await _upload_log(actor)
    await _start_runs(actor)


async def _create_thread(actor: SimulatedUser) -> None:
    created = await actor.rest.request("POST", "threads/", {"title": actor.canary.for_field("title")}, expect=(201,))
    if created:
        actor.owned.threads.append(created["id"])
        await actor.rest.request("PATCH", f"threads/{created['id']}/", {"title": actor.canary.for_field("retitle")})


async def _create_unfinished_upload(actor: SimulatedUser) -> None:
    upload = {
        "name": actor.canary.for_field("pending"),
        "size": 1000,
        "fingerprint": actor.canary.for_field("fingerprint"),
    }
    created = await actor.rest.request("POST", "uploads/", upload, expect=(201,))
    if created:
        actor.owned.uploads.append(created["id"])


async def _upload_log(actor: SimulatedUser) -> None:
    content, fingerprint = canaries.build_log(actor.canary), str(uuid4())
    upload = {"name": actor.canary.for_field("log"), "size": len(content), "fingerprint": fingerprint}
    upload |= {"mapping": canaries.build_log_mapping(actor.canary)}
    created = await actor.rest.request("POST", "uploads/", upload, expect=(201,))
    if not created:
        return
    headers = {"Content-Type": "application/octet-stream", "Upload-Offset": "0", "Upload-Fingerprint": fingerprint}
    finished = await actor.rest.request("PATCH", f"uploads/{created['id']}/", content=content, headers=headers)
    if finished and await _wait_until_ready(actor, finished["workload"]["id"]):
        actor.owned.logs.append(finished["workload"]["id"])
        name = {"name": actor.canary.for_field("relog")}
        await actor.rest.request("PATCH", f"workloads/{finished['workload']['id']}/", name)


async def _wait_until_ready(actor: SimulatedUser, log_id: str) -> bool:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        found = await actor.rest.request("GET", f"workloads/{log_id}/")
        if found and found["state"] == "ready":
            return True
        if found and found["state"] == "failed":
            break
        await asyncio.sleep(POLL_INTERVAL)
    actor.results.add_finding("wrong", "POST /api/uploads/", "a log was not imported")
    return False


async def _start_runs(actor: SimulatedUser) -> None:
    """Start a run about the log, which produces a report, and a run that assumes a model."""
    text = f"{actor.canary.for_field('ask')} cut my spend by 30 %"
    details: tuple[dict[str, Any], ...] = (
        {"workload_id": next(iter(actor.owned.logs), None)},
        {"assumptions": {"assume_model": actor.canary.for_field("assumed")}},
    )
    for detail in details:
        question = {"text": text, "client_id": str(uuid4()), **detail}
        created = await actor.rest.request("POST", "runs/", question, expect=(201,))
        if created:
            actor.owned.runs.append(created["id"])
            actor.owned.threads.append(created["thread_id"])
            await actor.rest.request("GET", f"runs/{created['id']}/")


async def try_everything_once(actor: SimulatedUser, others: Sequence[SimulatedUser]) -> None:
    """Request every list once, and everything that is forbidden with another user's ids once.

    Random choices alone would leave some of them out.
    """
    for path in LIST_PATHS:
        await actor.rest.request("GET", path)
    for other in actor.rng.sample(others, k=min(1, len(others))):
        for method, path, request in _list_foreign_requests(actor, other.owned):
            await actor.rest.request(method, path, expect=(404,), **request)


async def read_own_objects(actor: SimulatedUser) -> None:
    """Read some of the user's own data concurrently, and abort one of the requests."""
    await asyncio.gather(
        actor.rest.request("GET", actor.rng.choice(LIST_PATHS)),
        _read_one_object(actor),
        _abort_request(actor),
        _search_threads(actor),
    )


async def rename_own_objects(actor: SimulatedUser) -> None:
    """Rename some of the user's own objects."""
    for kind, field, ids in (("threads", "title", actor.owned.threads), ("workloads", "name", actor.owned.logs)):
        if ids and actor.rng.random() < 0.5:
            name = actor.canary.for_field("retitle" if field == "title" else "relog")
            await actor.rest.request("PATCH", f"{kind}/{actor.rng.choice(ids)}/", {field: name})


async def try_foreign_request(actor: SimulatedUser, others: Sequence[SimulatedUser]) -> None:
    """Try one request with another user's id, which must be answered with 404."""
    if others:
        method, path, request = actor.rng.choice(_list_foreign_requests(actor, actor.rng.choice(others).owned))
        await actor.rest.request(method, path, expect=(404,), **request)


def _list_foreign_requests(actor: SimulatedUser, other: OwnedObjects) -> list[tuple[str, str, dict[str, Any]]]:
    def one(ids: Sequence[str]) -> str:
        return actor.rng.choice(ids) if ids else str(uuid4())

    thread, run, log, upload = one(other.threads), one(other.runs), one(other.logs), one(other.uploads)
    text = actor.canary.for_field("ask")
    part = {"Content-Type": "application/octet-stream", "Upload-Offset": "0"}
    return [
        ("GET", f"snapshot/?thread={thread}", {}),
        ("GET", f"threads/{thread}/", {}),
        ("PATCH", f"threads/{thread}/", {"body": {"title": actor.canary.for_field("title")}}),
        ("DELETE", f"threads/{thread}/", {}),
        ("GET", f"runs/{run}/", {}),
        ("POST", f"runs/{run}/cancel/", {}),
        *(("GET", f"runs/{run}/{file}", {}) for file in REPORT_PATHS),
        ("POST", "runs/", {"body": {"text": text, "thread_id": thread}}),
        ("POST", "runs/", {"body": {"text": text, "workload_id": log}}),
        ("GET", f"workloads/{log}/", {}),
        ("PATCH", f"workloads/{log}/", {"body": {"name": actor.canary.for_field("log")}}),
        ("DELETE", f"workloads/{log}/", {}),
        ("POST", f"workloads/{log}/read/", {"body": REREAD_BODY}),
        ("GET", f"uploads/{upload}/", {}),
        ("PATCH", f"uploads/{upload}/", {"content": actor.canary.for_field("feature").encode(), "headers": part}),
        ("DELETE", f"uploads/{upload}/", {}),
    ]


async def _read_one_object(actor: SimulatedUser) -> None:
    owned, rng = actor.owned, actor.rng
    paths = [f"{kind}/{rng.choice(ids)}/" for kind, ids in _list_kinds(owned) if ids]
    if owned.threads:
        paths.append(f"snapshot/?thread={rng.choice(owned.threads)}")
    if paths:
        await actor.rest.request("GET", rng.choice(paths))
    if owned.runs:
        # A run that has not ended, or has failed, has no report.
        path = f"runs/{rng.choice(owned.runs)}/{rng.choice(REPORT_PATHS)}"
        await actor.rest.request("GET", path, expect=(200, 404))


def _list_kinds(owned: OwnedObjects) -> tuple[tuple[str, list[str]], ...]:
    return (("threads", owned.threads), ("runs", owned.runs), ("workloads", owned.logs), ("uploads", owned.uploads))


async def _abort_request(actor: SimulatedUser) -> None:
    """Abort a request: its answer must not reach the next user on that connection or thread."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(actor.rng.uniform(0, ABORT_SECONDS)):
            await actor.rest.request("GET", actor.rng.choice(LIST_PATHS))


async def _search_threads(actor: SimulatedUser) -> None:
    words = actor.canary.for_field(actor.rng.choice(("text", "ask", "retitle")))
    await actor.rest.request("GET", f"threads/?search={words}")
