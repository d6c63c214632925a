"""REST actions of a simulated user: create data, read and rename it, and try other users' ids."""

import asyncio
import contextlib
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from operators.isolation_test import canaries
from operators.isolation_test.simulated_user import OwnedObjects, SimulatedUser

MAX_POLLS = 240  # at whether the log has been read
POLL_INTERVAL = 0.25  # seconds between two


async def create_objects(actor: SimulatedUser) -> None:
    await _create_thread(actor)
    await _create_unfinished_upload(actor)
    await _upload_log(actor)
    await _start_runs(actor)


async def _create_thread(actor: SimulatedUser) -> None:
    made = await actor.rest.request("POST", "threads/", {"title": actor.canary.for_field("title")}, expect=(201,))
    if made:
        actor.owned.threads.append(made["id"])
        await actor.rest.request("PATCH", f"threads/{made['id']}/", {"title": actor.canary.for_field("retitle")})


async def _create_unfinished_upload(actor: SimulatedUser) -> None:
    """An upload that stays unfinished."""
    begun = {
        "name": actor.canary.for_field("pending"),
        "size": 1000,
        "fingerprint": actor.canary.for_field("fingerprint"),
    }
    made = await actor.rest.request("POST", "uploads/", begun, expect=(201,))
    if made:
        actor.owned.uploads.append(made["id"])


async def _upload_log(actor: SimulatedUser) -> None:
    content, mark = canaries.build_log(actor.canary), str(uuid4())
    begun = {"name": actor.canary.for_field("log"), "size": len(content), "fingerprint": mark}
    begun |= {"mapping": canaries.build_log_mapping(actor.canary)}
    made = await actor.rest.request("POST", "uploads/", begun, expect=(201,))
    if not made:
        return
    headers = {"Content-Type": "application/octet-stream", "Upload-Offset": "0", "Upload-Fingerprint": mark}
    done = await actor.rest.request("PATCH", f"uploads/{made['id']}/", content=content, headers=headers)
    if done and await _wait_until_ready(actor, done["workload"]["id"]):
        actor.owned.logs.append(done["workload"]["id"])
        name = {"name": actor.canary.for_field("relog")}
        await actor.rest.request("PATCH", f"workloads/{done['workload']['id']}/", name)


async def _wait_until_ready(actor: SimulatedUser, log_id: str) -> bool:
    for _ in range(MAX_POLLS):
        found = await actor.rest.request("GET", f"workloads/{log_id}/")
        if found and found["state"] == "ready":
            return True
        if found and found["state"] == "failed":
            break
        await asyncio.sleep(POLL_INTERVAL)
    actor.results.add_finding("wrong", "POST /api/uploads/", "a log was not read")
    return False


async def _start_runs(actor: SimulatedUser) -> None:
    """One about the log, which gets a report, and one that assumes a model."""
    about: dict[str, Any] = {"text": f"{actor.canary.for_field('ask')} cut my spend by 30 %", "client_id": str(uuid4())}
    assuming = about | {"client_id": str(uuid4()), "assumptions": {"assume_model": actor.canary.for_field("assumed")}}
    for question in (about | {"workload_id": next(iter(actor.owned.logs), None)}, assuming):
        made = await actor.rest.request("POST", "runs/", question, expect=(201,))
        if made:
            actor.owned.runs.append(made["id"])
            actor.owned.threads.append(made["thread_id"])
            await actor.rest.request("GET", f"runs/{made['id']}/")


LIST_PATHS = ("snapshot/", "threads/", "runs/", "events/", "workloads/", "uploads/", "reports/", "me/")
REPORT_PATHS = ("report/", "report/report.json", "report/report.md", "report/report.csv")
ABORT_SECONDS = 0.01  # seconds after which a reader goes away, while the answer is being made
REREAD_BODY = {"format": None}


async def try_everything_once(actor: SimulatedUser, others: Sequence[SimulatedUser]) -> None:
    """Every list once, and everything that one may not do to another once: what chance alone would leave out."""
    for path in LIST_PATHS:
        await actor.rest.request("GET", path)
    for other in actor.rng.sample(others, k=min(1, len(others))):
        for method, path, request in _list_foreign_requests(actor, other.owned):
            await actor.rest.request(method, path, expect=(404,), **request)


async def read_own_objects(actor: SimulatedUser) -> None:
    """A few reads of one's own at once, one of which is broken off."""
    await asyncio.gather(
        actor.rest.request("GET", actor.rng.choice(LIST_PATHS)),
        _read_one_object(actor),
        _abort_request(actor),
        _search_threads(actor),
    )


async def rename_own_objects(actor: SimulatedUser) -> None:
    """Rename something of one's own."""
    for kind, field, ids in (("threads", "title", actor.owned.threads), ("workloads", "name", actor.owned.logs)):
        if ids and actor.rng.random() < 0.5:
            name = actor.canary.for_field("retitle" if field == "title" else "relog")
            await actor.rest.request("PATCH", f"{kind}/{actor.rng.choice(ids)}/", {field: name})


async def try_foreign_request(actor: SimulatedUser, others: Sequence[SimulatedUser]) -> None:
    """One request with an id of another's: it is not there."""
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
    mine, chance = actor.owned, actor.rng
    paths = [f"{kind}/{chance.choice(ids)}/" for kind, ids in _list_kinds(mine) if ids]
    if mine.threads:
        paths.append(f"snapshot/?thread={chance.choice(mine.threads)}")
    if paths:
        await actor.rest.request("GET", chance.choice(paths))
    if mine.runs:
        # A run that is not over, or came to nothing, has no report.
        path = f"runs/{chance.choice(mine.runs)}/{chance.choice(REPORT_PATHS)}"
        await actor.rest.request("GET", path, expect=(200, 404))


def _list_kinds(mine: OwnedObjects) -> tuple[tuple[str, list[str]], ...]:
    return (("threads", mine.threads), ("runs", mine.runs), ("workloads", mine.logs), ("uploads", mine.uploads))


async def _abort_request(actor: SimulatedUser) -> None:
    """What was asked for by somebody who left must not be given to the next who asks."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(actor.rng.uniform(0, ABORT_SECONDS)):
            await actor.rest.request("GET", actor.rng.choice(LIST_PATHS))


async def _search_threads(actor: SimulatedUser) -> None:
    words = actor.canary.for_field(actor.rng.choice(("text", "ask", "retitle")))
    await actor.rest.request("GET", f"threads/?search={words}")
