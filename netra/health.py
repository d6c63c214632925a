"""Endpoints for monitoring: `/healthz` (the process is alive, or ready for work) and `/metrics` (Prometheus).
Reasons name the failing part, never hosts, addresses or users."""

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from core.incidents import count_open_incidents
from netra.server.cache import get_cached_value
from realtime.metrics import Metrics


@runtime_checkable
class HasLiveness(Protocol):
    """What `scope["state"]["engine"]` is asked, from any thread: whether it has looked at its queue lately."""

    @property
    def is_alive(self) -> bool: ...


@require_safe
def live(request: HttpRequest) -> JsonResponse:
    """It answers: all that a supervisor needs, who would start it anew."""
    return _build_response({"process": None})


@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """Every part is well, or 503 with each that is not. A process without an engine has none to report.

    The database is asked once for all who ask within a second: a stranger's requests cost it nothing.
    """
    stored: dict[str, str | None] = get_cached_value(request, "stored").get(
        lambda: _check_database(_load_migrations(request))
    )
    return _build_response(stored | _check_run_worker(request))


def _load_migrations(request: HttpRequest) -> frozenset[tuple[str, str]]:
    """The migrations that this code has: its files do not change while it runs."""
    found: frozenset[tuple[str, str]] = get_cached_value(request, "migrations").get(
        lambda: frozenset(MigrationLoader(None).graph.nodes)
    )
    return found


def _check_database(shipped: frozenset[tuple[str, str]]) -> dict[str, str | None]:
    try:
        missing = len(shipped - MigrationRecorder(connection).applied_migrations().keys())
        incidents = 0 if missing else count_open_incidents()
    except DatabaseError as error:
        # Its own words name hosts and users.
        return {"database": f"it does not answer ({type(error).__name__})"}
    return {
        "database": None,
        "migrations": f"{missing} not applied; run manage.py migrate" if missing else None,
        "isolation": f"{incidents} unacknowledged; see Isolation incidents in the admin" if incidents else None,
    }


def _check_run_worker(request: HttpRequest) -> dict[str, str | None]:
    engine = getattr(request, "scope", {}).get("state", {}).get("engine")
    if not isinstance(engine, HasLiveness):
        return {}
    return {"engine": None if engine.is_alive else "it does not take up runs; start this process anew"}


def _build_response(parts: Mapping[str, str | None]) -> JsonResponse:
    told = {
        name: {"status": "ok"} if reason is None else {"status": "failed", "reason": reason}
        for name, reason in parts.items()
    }
    well = all(reason is None for reason in parts.values())
    return JsonResponse({"status": "ok" if well else "failed", "parts": told}, status=200 if well else 503)


METRICS_PERMISSION = "core.view_measures"


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """With NETRA_METRICS_TOKEN as a bearer token, or for staff who may. To all others there is nothing here."""
    if not (_has_metrics_token(request) or _may_view_metrics(request)):
        raise Http404
    measures = getattr(request, "scope", {}).get("state", {}).get("metrics")
    if not isinstance(measures, Metrics):
        return HttpResponse("This process measures nothing.\n", status=503, content_type="text/plain")
    return HttpResponse(measures.render(), content_type=CONTENT_TYPE_LATEST)


def _has_metrics_token(request: HttpRequest) -> bool:
    wanted = settings.NETRA.metrics_token
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if wanted is None or not wanted.get_secret_value().strip() or scheme.lower() != "bearer":
        return False
    return constant_time_compare(given.strip(), wanted.get_secret_value().strip())


def _may_view_metrics(request: HttpRequest) -> bool:
    user = request.user
    return user.is_active and user.is_staff and user.has_perm(METRICS_PERMISSION)
