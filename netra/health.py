"""Endpoints for monitoring: `/healthz` (the process is alive, or ready for work) and `/metrics` (Prometheus).

Reasons name the failing part, never hosts, addresses or users."""

from collections.abc import Mapping

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from core.incidents import count_open_incidents
from core.scope_services import find_services
from netra.server.scope_services import ServerServices, get_cached_value


@require_safe
def live(request: HttpRequest) -> JsonResponse:
    """Answer that the process is alive. A supervisor restarts a process that doesn't answer."""
    return _build_response({"process": None})


@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """Report each part, with status 503 if one has failed. A process without a runner of jobs reports none of it.

    The database is checked once for all requests within a second, so that strangers' requests cost it nothing.
    """
    database: dict[str, str | None] = get_cached_value(request, "stored").get(
        lambda: _check_database(_load_migrations(request))
    )
    return _build_response(database | _check_runner(request))


def _load_migrations(request: HttpRequest) -> frozenset[tuple[str, str]]:
    """Return the migrations of this code, whose files do not change while the process runs."""
    names: frozenset[tuple[str, str]] = get_cached_value(request, "migrations").get(
        lambda: frozenset(MigrationLoader(None).graph.nodes)
    )
    return names


def _check_database(shipped: frozenset[tuple[str, str]]) -> dict[str, str | None]:
    try:
        missing = len(shipped - MigrationRecorder(connection).applied_migrations().keys())
        incidents = 0 if missing else count_open_incidents()
    except DatabaseError as error:
        # The error's own text names hosts and users.
        return {"database": f"not responding ({type(error).__name__})"}
    return {
        "database": None,
        "migrations": f"{missing} not applied; run manage.py migrate" if missing else None,
        "isolation": f"{incidents} unacknowledged; see Isolation incidents in the admin" if incidents else None,
    }


def _check_runner(request: HttpRequest) -> dict[str, str | None]:
    services = find_services(request, ServerServices)
    if services is None or services.runner is None:
        return {}
    return {"engine": None if services.runner.is_alive else "not processing runs; restart this process"}


def _build_response(parts: Mapping[str, str | None]) -> JsonResponse:
    described = {
        name: {"status": "ok"} if reason is None else {"status": "failed", "reason": reason}
        for name, reason in parts.items()
    }
    is_ok = all(reason is None for reason in parts.values())
    return JsonResponse({"status": "ok" if is_ok else "failed", "parts": described}, status=200 if is_ok else 503)


METRICS_PERMISSION = "core.view_measures"


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Return the metrics to a bearer of NETRA_METRICS_TOKEN or to staff with the permission; to others 404."""
    if not (_has_metrics_token(request) or _may_view_metrics(request)):
        raise Http404
    services = find_services(request, ServerServices)
    if services is None:
        return HttpResponse("This process has no metrics.\n", status=503, content_type="text/plain")
    return HttpResponse(services.metrics.render(), content_type=CONTENT_TYPE_LATEST)


def _has_metrics_token(request: HttpRequest) -> bool:
    wanted = settings.NETRA.metrics_token
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if wanted is None or not wanted.get_secret_value().strip() or scheme.lower() != "bearer":
        return False
    return constant_time_compare(given.strip(), wanted.get_secret_value().strip())


def _may_view_metrics(request: HttpRequest) -> bool:
    user = request.user
    return user.is_active and user.is_staff and user.has_perm(METRICS_PERMISSION)
