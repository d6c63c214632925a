"""What each user brings before the storm: one of everything, with a canary in every field, and a look at all of it."""

import asyncio
from typing import Any
from uuid import uuid4

from netra.selftest import log
from netra.selftest.actor import Actor

LOOKS = 240  # at whether the log has been read
PAUSE = 0.25  # seconds between two


async def bring(actor: Actor) -> None:
    await _thread(actor)
    await _pending(actor)
    await _log(actor)
    await _questions(actor)


async def _thread(actor: Actor) -> None:
    made = await actor.caller.ask("POST", "threads/", {"title": actor.canary.of("title")}, expect=(201,))
    if made:
        actor.mine.threads.append(made["id"])
        await actor.caller.ask("PATCH", f"threads/{made['id']}/", {"title": actor.canary.of("retitle")})


async def _pending(actor: Actor) -> None:
    """An upload that stays unfinished."""
    begun = {"name": actor.canary.of("pending"), "size": 1000, "fingerprint": actor.canary.of("fingerprint")}
    made = await actor.caller.ask("POST", "uploads/", begun, expect=(201,))
    if made:
        actor.mine.uploads.append(made["id"])


async def _log(actor: Actor) -> None:
    content, mark = log.content(actor.canary), str(uuid4())
    begun = {"name": actor.canary.of("log"), "size": len(content), "fingerprint": mark}
    begun |= {"mapping": log.mapping(actor.canary)}
    made = await actor.caller.ask("POST", "uploads/", begun, expect=(201,))
    if not made:
        return
    headers = {"Content-Type": "application/octet-stream", "Upload-Offset": "0", "Upload-Fingerprint": mark}
    done = await actor.caller.ask("PATCH", f"uploads/{made['id']}/", content=content, headers=headers)
    if done and await _read(actor, done["workload"]["id"]):
        actor.mine.logs.append(done["workload"]["id"])
        name = {"name": actor.canary.of("relog")}
        await actor.caller.ask("PATCH", f"workloads/{done['workload']['id']}/", name)


async def _read(actor: Actor, log_id: str) -> bool:
    for _ in range(LOOKS):
        found = await actor.caller.ask("GET", f"workloads/{log_id}/")
        if found and found["state"] == "ready":
            return True
        if found and found["state"] == "failed":
            break
        await asyncio.sleep(PAUSE)
    actor.tally.found("wrong", "POST /api/uploads/", "a log was not read")
    return False


async def _questions(actor: Actor) -> None:
    """One about the log, which gets a report, and one that assumes a model."""
    about: dict[str, Any] = {"text": f"{actor.canary.of('ask')} cut my spend by 30 %", "client_id": str(uuid4())}
    assuming = about | {"client_id": str(uuid4()), "assumptions": {"assume_model": actor.canary.of("assumed")}}
    for question in (about | {"workload_id": next(iter(actor.mine.logs), None)}, assuming):
        made = await actor.caller.ask("POST", "runs/", question, expect=(201,))
        if made:
            actor.mine.runs.append(made["id"])
            actor.mine.threads.append(made["thread_id"])
            await actor.caller.ask("GET", f"runs/{made['id']}/")
