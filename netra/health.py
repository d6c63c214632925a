"""`/healthz`: whether this process answers (live), and whether it can do its work (ready). For nobody in particular:
it says which parts fail and why, in words of ours; no names, addresses or counts of users.
"""

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from netra.core.incidents import open_incidents
from netra.shared import shared_by


@runtime_checkable
class Living(Protocol):
    """What `scope["state"]["engine"]` is asked, from any thread: whether it has looked at its queue lately."""

    @property
    def alive(self) -> bool: ...


@require_safe
def live(request: HttpRequest) -> JsonResponse:
    """It answers: all that a supervisor needs, who would start it anew."""
    return _answer({"process": None})


@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """Every part is well, or 503 with each that is not. A process without an engine has none to report.

    The database is asked once for all who ask within a second: a stranger's requests cost it nothing.
    """
    stored: dict[str, str | None] = shared_by(request, "stored").get(lambda: _stored(_shipped(request)))
    return _answer(stored | _running(request))


def _shipped(request: HttpRequest) -> frozenset[tuple[str, str]]:
    """The migrations that this code has: its files do not change while it runs."""
    found: frozenset[tuple[str, str]] = shared_by(request, "migrations").get(
        lambda: frozenset(MigrationLoader(None).graph.nodes)
    )
    return found


def _stored(shipped: frozenset[tuple[str, str]]) -> dict[str, str | None]:
    try:
        missing = len(shipped - MigrationRecorder(connection).applied_migrations().keys())
        incidents = 0 if missing else open_incidents()
    except DatabaseError as error:
        # Its own words name hosts and users.
        return {"database": f"it does not answer ({type(error).__name__})"}
    return {
        "database": None,
        "migrations": f"{missing} not applied; run manage.py migrate" if missing else None,
        "isolation": f"{incidents} unacknowledged; see Isolation incidents in the admin" if incidents else None,
    }


def _running(request: HttpRequest) -> dict[str, str | None]:
    engine = getattr(request, "scope", {}).get("state", {}).get("engine")
    if not isinstance(engine, Living):
        return {}
    return {"engine": None if engine.alive else "it does not take up runs; start this process anew"}


def _answer(parts: Mapping[str, str | None]) -> JsonResponse:
    told = {
        name: {"status": "ok"} if reason is None else {"status": "failed", "reason": reason}
        for name, reason in parts.items()
    }
    well = all(reason is None for reason in parts.values())
    return JsonResponse({"status": "ok" if well else "failed", "parts": told}, status=200 if well else 503)
