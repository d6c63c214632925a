"""`/metrics`: this process's measures, for who collects them."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from realtime.measures import Measures

MAY_SEE = "core.view_measures"


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """With NETRA_METRICS_TOKEN as a bearer token, or for staff who may. To all others there is nothing here."""
    if not (_has_token(request) or _is_staff(request)):
        raise Http404
    measures = getattr(request, "scope", {}).get("state", {}).get("measures")
    if not isinstance(measures, Measures):
        return HttpResponse("This process measures nothing.\n", status=503, content_type="text/plain")
    return HttpResponse(measures.render(), content_type=CONTENT_TYPE_LATEST)


def _has_token(request: HttpRequest) -> bool:
    wanted = settings.NETRA.metrics_token
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if wanted is None or not wanted.get_secret_value().strip() or scheme.lower() != "bearer":
        return False
    return constant_time_compare(given.strip(), wanted.get_secret_value().strip())


def _is_staff(request: HttpRequest) -> bool:
    user = request.user
    return user.is_active and user.is_staff and user.has_perm(MAY_SEE)
