"""REST beside the sockets: a user's own things, which are there, and others', which are not."""

import asyncio
import contextlib
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from netra.selftest.actor import Actor, Belongings

LISTS = ("snapshot/", "threads/", "runs/", "events/", "workloads/", "uploads/", "reports/", "me/")
FILES = ("report/", "report/report.json", "report/report.md", "report/report.csv")
SHORT = 0.01  # seconds after which a reader goes away, while the answer is being made
ABOUT = {"format": None}


async def survey(actor: Actor, others: Sequence[Actor]) -> None:
    """Every list once, and everything that one may not do to another once: what chance alone would leave out."""
    for path in LISTS:
        await actor.caller.ask("GET", path)
    for other in actor.chance.sample(others, k=min(1, len(others))):
        for method, path, request in _requests(actor, other.mine):
            await actor.caller.ask(method, path, expect=(404,), **request)


async def read(actor: Actor) -> None:
    """A few reads of one's own at once, one of which is broken off."""
    await asyncio.gather(
        actor.caller.ask("GET", actor.chance.choice(LISTS)),
        _one_thing(actor),
        _broken_off(actor),
        _search(actor),
    )


async def change(actor: Actor) -> None:
    """Rename something of one's own."""
    for kind, field, ids in (("threads", "title", actor.mine.threads), ("workloads", "name", actor.mine.logs)):
        if ids and actor.chance.random() < 0.5:
            name = actor.canary.of("retitle" if field == "title" else "relog")
            await actor.caller.ask("PATCH", f"{kind}/{actor.chance.choice(ids)}/", {field: name})


async def trespass(actor: Actor, others: Sequence[Actor]) -> None:
    """One request with an id of another's: it is not there."""
    if others:
        method, path, request = actor.chance.choice(_requests(actor, actor.chance.choice(others).mine))
        await actor.caller.ask(method, path, expect=(404,), **request)


def _requests(actor: Actor, other: Belongings) -> list[tuple[str, str, dict[str, Any]]]:
    def one(ids: Sequence[str]) -> str:
        return actor.chance.choice(ids) if ids else str(uuid4())

    thread, run, log, upload = one(other.threads), one(other.runs), one(other.logs), one(other.uploads)
    text = actor.canary.of("ask")
    part = {"Content-Type": "application/octet-stream", "Upload-Offset": "0"}
    return [
        ("GET", f"snapshot/?thread={thread}", {}),
        ("GET", f"threads/{thread}/", {}),
        ("PATCH", f"threads/{thread}/", {"body": {"title": actor.canary.of("title")}}),
        ("DELETE", f"threads/{thread}/", {}),
        ("GET", f"runs/{run}/", {}),
        ("POST", f"runs/{run}/cancel/", {}),
        *(("GET", f"runs/{run}/{file}", {}) for file in FILES),
        ("POST", "runs/", {"body": {"text": text, "thread_id": thread}}),
        ("POST", "runs/", {"body": {"text": text, "workload_id": log}}),
        ("GET", f"workloads/{log}/", {}),
        ("PATCH", f"workloads/{log}/", {"body": {"name": actor.canary.of("log")}}),
        ("DELETE", f"workloads/{log}/", {}),
        ("POST", f"workloads/{log}/read/", {"body": ABOUT}),
        ("GET", f"uploads/{upload}/", {}),
        ("PATCH", f"uploads/{upload}/", {"content": actor.canary.of("feature").encode(), "headers": part}),
        ("DELETE", f"uploads/{upload}/", {}),
    ]


async def _one_thing(actor: Actor) -> None:
    mine, chance = actor.mine, actor.chance
    paths = [f"{kind}/{chance.choice(ids)}/" for kind, ids in _kinds(mine) if ids]
    if mine.threads:
        paths.append(f"snapshot/?thread={chance.choice(mine.threads)}")
    if paths:
        await actor.caller.ask("GET", chance.choice(paths))
    if mine.runs:
        # A run that is not over, or came to nothing, has no report.
        path = f"runs/{chance.choice(mine.runs)}/{chance.choice(FILES)}"
        await actor.caller.ask("GET", path, expect=(200, 404))


def _kinds(mine: Belongings) -> tuple[tuple[str, list[str]], ...]:
    return (("threads", mine.threads), ("runs", mine.runs), ("workloads", mine.logs), ("uploads", mine.uploads))


async def _broken_off(actor: Actor) -> None:
    """What was asked for by somebody who left must not be given to the next who asks."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(actor.chance.uniform(0, SHORT)):
            await actor.caller.ask("GET", actor.chance.choice(LISTS))


async def _search(actor: Actor) -> None:
    words = actor.canary.of(actor.chance.choice(("text", "ask", "retitle")))
    await actor.caller.ask("GET", f"threads/?search={words}")
