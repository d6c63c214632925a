"""The owner's things, and each route's call on them."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Any
from uuid import uuid4

from django.test import Client
from knox.models import AuthToken

from agents.models import Thread
from core.i18n.text import text
from core.models import User
from operators.models import Consent
from tests.agents.api.test_runs import add_answer, create_reported_run
from tests.agents.claimed_runs import queue_run
from tests.matrix.actors import NOW
from tools.models import CallResult
from workloads.analysis.answers import to_plain
from workloads.exact_json import dump_exact
from workloads.invoices import invoice as invoices
from workloads.models import Invoice, Upload, Workload

CANARY = "canary-of-the-owner"
BODIES: Mapping[str, dict[str, Any]] = MappingProxyType(
    {
        "POST api/tokens/": {"name": "mine"},
        "POST api/threads/": {"title": "mine"},
        "PATCH api/threads/<uuid:pk>/": {"title": "mine"},
        "PATCH api/workloads/<uuid:pk>/": {"name": "mine"},
        "PATCH api/workloads/<uuid:pk>/assumptions/": {"assume_model": "gpt-4o"},
        "PUT api/runs/<uuid:pk>/feedback/": {"helpful": False, "reason": CANARY},
        "POST api/uploads/": {"name": "mine", "size": 10},
        "POST api/consents/<uuid:pk>/give/": {"hours": 1},
    }
)
JSON = "application/json"
BILL = invoices.BilledCosts(
    name=CANARY, format="plain", title=text(CANARY), currency="USD", lines=(), unit=Decimal("0.01"), rows=0, others={}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Belongings:
    """What fills the holes of addresses, by the beginning of an address, the longest that fits first."""

    ids: dict[str, str]
    thread: Thread
    workload: Workload


def belongings(user: User, operator: User) -> Belongings:
    run, waiting = add_answer(user, create_reported_run(user)), queue_run(user, CANARY)
    thread = Thread.objects.create(owner=user, title=CANARY)
    log = Workload.objects.create(owner=user, name=CANARY, state="ready", error=CANARY)
    failed = Workload.objects.create(owner=user, name=CANARY, state="failed", raw_kept=True, error=CANARY)
    upload = Upload.objects.create(owner=user, name=CANARY, size=10)
    content = {"json": dump_exact(to_plain(BILL))}
    Invoice.objects.create(owner=user, workload=log, name=CANARY, size=10, content=content)
    token, _ = AuthToken.objects.create(user)
    call = {"request_id": uuid4(), "call_id": "call-1", "tool": CANARY, "result": [CANARY], "complete": True}
    CallResult.objects.create(owner=user, run_id=run.id, **call)
    asked = {"owner": user, "operator": operator, "why": CANARY, "asked_at": NOW.replace(year=2100)}
    open_, given = (Consent.objects.create(**asked, given_at=when) for when in (None, NOW))
    ids = {
        "api/runs/": run.id,
        "api/runs/<uuid:pk>/cancel/": waiting.id,
        "api/threads/": thread.id,
        "api/workloads/": log.id,
        "api/workloads/<uuid:pk>/read/": failed.id,
        "api/uploads/": upload.id,
        "api/tokens/": token.token_key,
        "api/consents/": open_.id,
        "api/consents/<uuid:pk>/withdraw/": given.id,
    }
    return Belongings(ids={path: str(pk) for path, pk in ids.items()}, thread=thread, workload=log)


def call_route(client: Client, route: str, owned: Belongings) -> Any:
    """The answer to the route's call, on what is the owner's."""
    method, path = route.split(" ")
    if route == "PATCH api/uploads/<uuid:pk>/":
        octets = "application/octet-stream"
        return client.generic(method, address(path, owned), b"01234", octets, HTTP_UPLOAD_OFFSET="0")
    if route == "PUT api/workloads/<uuid:pk>/invoice/":
        costs = b"day,model,amount\n2026-11-01,gpt-4o,1.25\n"
        return client.generic(method, address(path, owned), costs, "application/octet-stream")
    return client.generic(method, address(path, owned), json.dumps(body(route, owned)), JSON)


def address(path: str, owned: Belongings) -> str:
    fitting = [begin for begin in owned.ids if path.startswith(begin)]
    filled = path.replace("<str:name>", "report.json").replace("<path:call_id>", "call-1")
    if fitting:
        filled = re.sub(r"<\w+:pk>", owned.ids[max(fitting, key=len)], filled)
    assert "<" not in filled, f"nobody has said what to put into {path}"
    return f"/{filled}"


def body(route: str, owned: Belongings) -> dict[str, Any]:
    if route == "POST api/runs/":
        mine = {"thread_id": str(owned.thread.id), "workload_id": str(owned.workload.id)}
        return {"text": "cut my spend", "client_id": str(uuid4()), **mine}
    return BODIES.get(route, {})
