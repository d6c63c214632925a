"""The operators' page of tool calls: tool, time and outcome, without arguments and results."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from core.admin.base import ReadOnlyAdmin, link_to_row
from tools.models import ToolCall
from tools.registry import TOOLS

CALL_EVENT_TYPES = ("tool_executing", "tool_completed")
OUTCOMES = ("ok", "refused", "failed", "timeout", "cancelled")


class CallTypeFilter(admin.SimpleListFilter):
    title = parameter_name = "type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(kind, kind) for kind in CALL_EVENT_TYPES]

    def queryset(self, request: HttpRequest, queryset: QuerySet[ToolCall]) -> QuerySet[ToolCall]:
        return queryset.filter(type=self.value()) if self.value() in CALL_EVENT_TYPES else queryset


class CallOutcomeFilter(admin.SimpleListFilter):
    title = parameter_name = "outcome"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(outcome, outcome) for outcome in OUTCOMES]

    def queryset(self, request: HttpRequest, queryset: QuerySet[ToolCall]) -> QuerySet[ToolCall]:
        # An unknown value does not become a query: this filter reads the payload.
        return queryset.filter(payload__outcome=self.value()) if self.value() in OUTCOMES else queryset


@admin.register(ToolCall)
class ToolCallAdmin(ReadOnlyAdmin):
    list_display = ("at", "tool", "type", "outcome", "duration_ms", "of_user", "of_run")
    list_filter = ("at", CallTypeFilter, CallOutcomeFilter)
    list_select_related = ("owner",)
    search_fields = ("=run_id", "=owner__id", "^owner__username")
    search_help_text = "Run ID, user ID, or the start of a username"
    linked_lookups = ("run_id", "owner__id__exact")
    ordering = ("-id",)
    fields = ("tool", "type", "outcome", "duration_ms", "seq", "at", "of_user", "of_run")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[ToolCall]:
        return super().get_queryset(request).filter(type__in=CALL_EVENT_TYPES)

    @admin.display(description="tool")
    def tool(self, call: ToolCall) -> str:
        # A name that no tool has was made up by a model, perhaps from the user's words.
        name = call.payload.get("tool")
        return name if name in TOOLS else "unknown"

    @admin.display(description="outcome")
    def outcome(self, call: ToolCall) -> str:
        outcome = call.payload.get("outcome")
        return outcome if outcome in OUTCOMES else "-"

    @admin.display(description="duration (ms)")
    def duration_ms(self, call: ToolCall) -> str:
        duration = call.payload.get("duration_ms")
        return str(duration) if isinstance(duration, int | float) else "-"

    @admin.display(description="user", ordering="owner__username")
    def of_user(self, call: ToolCall) -> SafeString:
        return link_to_row("core_user", call.owner_id, call.owner.username)

    @admin.display(description="run")
    def of_run(self, call: ToolCall) -> SafeString | str:
        return link_to_row("agents_run", call.run_id, str(call.run_id)) if call.run_id else "-"
