"""The page with what `manage.py migration_status` tells."""

from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.module_loading import import_string

from legacy.rollout.status import status

DAYS = (1, 7, 30, 90)


def status_view(request: HttpRequest, page: Any) -> HttpResponse:
    """For who may see the rules. To be looked at only; `?days=` is one of DAYS."""
    if not page.has_view_permission(request):
        raise PermissionDenied
    asked = request.GET.get("days", "")
    days = int(asked) if asked in map(str, DAYS) else 30
    context = {
        **page.admin_site.each_context(request),
        "title": "How far the migration has come",
        "opts": page.model._meta,
        "status": status(import_string(settings.NETRA.roster), days),
        "choices": DAYS,
    }
    return TemplateResponse(request, "admin/legacy/status.html", context)
