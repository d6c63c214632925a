"""Operators' pages of users' events, without their payloads, and of isolation incidents, which they acknowledge
there."""

from typing import Any, get_args
from uuid import UUID

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from core import events, incidents
from core.admin.base import ReadOnlyAdmin, link_to_row
from core.models import Event, IsolationIncident

EVENT_CLASSES = get_args(get_args(events.Event)[0])
EVENT_TYPES: tuple[str, ...] = tuple(sorted(kind.model_fields["type"].default for kind in EVENT_CLASSES))


class EventTypeFilter(admin.SimpleListFilter):
    """Filters by the known types: reading them from the table would scan all of it."""

    title = parameter_name = "type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(kind, kind) for kind in EVENT_TYPES]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Event]) -> QuerySet[Event]:
        return queryset.filter(type=self.value()) if self.value() in EVENT_TYPES else queryset


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    """Shows the types and times of users' events, never their payloads."""

    list_display = ("at", "seq", "type", "of_user", "of_run")
    list_filter = ("at", EventTypeFilter)
    list_select_related = ("owner",)
    search_fields = ("=run_id", "=owner__id", "^owner__username")
    search_help_text = "A run's id, a user's id or the beginning of a user's name"
    linked_lookups = ("run_id", "owner__id__exact")
    ordering = ("-id",)
    fields = ("type", "seq", "epoch", "at", "of_user", "of_run")
    readonly_fields = fields

    @admin.display(description="user", ordering="owner__username")
    def of_user(self, event: Event) -> SafeString:
        return link_to_row("core_user", event.owner_id, event.owner.username)

    @admin.display(description="run")
    def of_run(self, event: Event) -> SafeString | str:
        # The run may have been deleted; then the link leads to a page that says so.
        return link_to_row("agents_run", event.run_id, str(event.run_id)) if event.run_id else "-"


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
