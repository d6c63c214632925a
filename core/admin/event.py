"""Operators' page of users' events, without their payloads."""

from typing import Any, get_args

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from core import events
from core.admin.base import ReadOnlyAdmin, link_to_row
from core.models import Event

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
