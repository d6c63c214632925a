from typing import Any, get_args

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from netra.core import events
from netra.core.admin.links import to_row
from netra.core.admin.metadata import MetadataAdmin
from netra.core.models import Event

KINDS = get_args(get_args(events.Event)[0])
TYPES: tuple[str, ...] = tuple(sorted(kind.model_fields["type"].default for kind in KINDS))


class TypeFilter(admin.SimpleListFilter):
    """By the types that there are: to ask the table for them would read all of it."""

    title = parameter_name = "type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(kind, kind) for kind in TYPES]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Event]) -> QuerySet[Event]:
        return queryset.filter(type=self.value()) if self.value() in TYPES else queryset


@admin.register(Event)
class EventAdmin(MetadataAdmin):
    """Users' streams: what kind of thing happened when. Payloads are theirs."""

    list_display = ("at", "seq", "type", "of_user", "of_run")
    list_filter = ("at", TypeFilter)
    list_select_related = ("owner",)
    search_fields = ("=run_id", "=owner__id", "^owner__username")
    search_help_text = "A run's id, a user's id or the beginning of a user's name"
    followed = ("run_id", "owner__id__exact")
    ordering = ("-id",)
    fields = ("type", "seq", "epoch", "at", "of_user", "of_run")
    readonly_fields = fields

    @admin.display(description="user", ordering="owner__username")
    def of_user(self, event: Event) -> SafeString:
        return to_row("core_user", event.owner_id, event.owner.username)

    @admin.display(description="run")
    def of_run(self, event: Event) -> SafeString | str:
        # Ids of runs only: what an event of a deleted run still names leads nowhere, and says so.
        return to_row("agents_run", event.run_id, str(event.run_id)) if event.run_id else "-"
