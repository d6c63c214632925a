"""Operators' page of isolation incidents, which they acknowledge there."""

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from core import incidents
from core.admin.base import ReadOnlyAdmin, link_to_row
from core.models import IsolationIncident


class AcknowledgedFilter(admin.SimpleListFilter):
    title = parameter_name = "acknowledged"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("no", "No"), ("yes", "Yes")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[IsolationIncident]) -> QuerySet[IsolationIncident]:
        if self.value() not in ("no", "yes"):
            return queryset
        return queryset.filter(acknowledged_at__isnull=self.value() == "no")


@admin.register(IsolationIncident)
class IncidentAdmin(ReadOnlyAdmin):
    """Shows leaks that were stopped at the last check. Incidents can only be acknowledged."""

    list_display = ("at", "kind", "where", "of_expected", "of_found", "acknowledged_at", "acknowledged_by")
    list_filter = (AcknowledgedFilter, "at")
    search_fields = ("=id", "=expected_user", "=found_user", "=connection_id", "^kind")
    search_help_text = "The id of an incident, user or connection, or the beginning of a kind"
    ordering = ("-at",)
    fields = (
        *("id", "at", "kind", "where", "of_expected", "of_found", "connection_id"),
        *("acknowledged_at", "acknowledged_by"),
    )
    readonly_fields = fields
    actions = ("acknowledge",)  # type: ignore[assignment]  # the base has none

    def has_acknowledge_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("core.acknowledge_isolationincident")

    @admin.action(description="Acknowledge", permissions=["acknowledge"])
    def acknowledge(self, request: HttpRequest, queryset: QuerySet[IsolationIncident]) -> None:
        by = request.user.get_username()
        count = sum(incidents.acknowledge_incident(pk, by) for pk in queryset.values_list("pk", flat=True))
        self.message_user(request, f"{count} acknowledged.", messages.SUCCESS)

    @admin.display(description="expected user", ordering="expected_user")
    def of_expected(self, incident: IsolationIncident) -> SafeString | str:
        return _link_to_user(incident.expected_user)

    @admin.display(description="found user", ordering="found_user")
    def of_found(self, incident: IsolationIncident) -> SafeString | str:
        return _link_to_user(incident.found_user)


def _link_to_user(user_id: UUID | None) -> SafeString | str:
    # The user may have been erased; then the link leads to a page that says so.
    return link_to_row("core_user", user_id, str(user_id)) if user_id else "-"
