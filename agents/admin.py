"""Admin pages of conversations, runs and feedback: ids, states, times and counts, never content."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString

from agents.models import Feedback, Run, Thread
from core.admin.base import ReadOnlyAdmin, link_to_row, link_to_rows


@admin.register(Thread)
class ThreadAdmin(ReadOnlyAdmin):
    list_display = ("id", "of_user", "created_at")
    list_filter = ("created_at",)
    list_select_related = ("owner",)
    date_hierarchy = "created_at"
    search_fields = ("=id", "=owner__id", "^owner__username")
    search_help_text = "Conversation ID, user ID, or the start of a username"
    ordering = ("-created_at",)
    fields = ("id", "of_user", "created_at", "runs")
    readonly_fields = fields

    @admin.display(description="user", ordering="owner__username")
    def of_user(self, thread: Thread) -> SafeString:
        return link_to_row("core_user", thread.owner_id, thread.owner.username)

    @admin.display(description="runs")
    def runs(self, thread: Thread) -> SafeString:
        return link_to_rows("agents_run", "Runs of this conversation", thread__id__exact=thread.id)


@admin.register(Run)
class RunAdmin(ReadOnlyAdmin):
    list_display = ("id", "of_user", "state", "with_gaps", "error", "attempt", "created_at", "ended_at")
    list_filter = ("state", "degraded", "created_at")
    list_select_related = ("owner",)
    date_hierarchy = "created_at"
    search_fields = ("=id", "=thread__id", "=workload__id", "=owner__id", "^owner__username")
    search_help_text = "Run, conversation, log or user ID, or the start of a username"
    linked_lookups = ("thread__id__exact", "workload__id__exact", "owner__id__exact")
    ordering = ("-created_at",)
    fields = (
        *(
            "id",
            "of_user",
            "of_thread",
            "of_workload",
            "state",
            "with_gaps",
            "error",
            "attempt",
        ),
        *(
            "created_at",
            "started_at",
            "ended_at",
            "cancel_requested_at",
            "request_id",
            "connection_id",
            "events",
            "calls",
        ),
    )
    readonly_fields = fields

    @admin.display(description="user", ordering="owner__username")
    def of_user(self, run: Run) -> SafeString:
        return link_to_row("core_user", run.owner_id, run.owner.username)

    @admin.display(description="degraded", ordering="degraded")
    def with_gaps(self, run: Run) -> str:
        return "yes" if run.degraded else "-"  # a red cross for "no" reads as a failure

    @admin.display(description="conversation")
    def of_thread(self, run: Run) -> SafeString:
        return link_to_row("agents_thread", run.thread_id, str(run.thread_id))

    @admin.display(description="log")
    def of_workload(self, run: Run) -> SafeString | str:
        return link_to_row("workloads_workload", run.workload_id, str(run.workload_id)) if run.workload_id else "-"

    @admin.display(description="events")
    def events(self, run: Run) -> SafeString:
        return link_to_rows("core_event", "Events of this run", run_id=run.id)

    @admin.display(description="tool calls")
    def calls(self, run: Run) -> SafeString:
        return link_to_rows("tools_toolcall", "Tool calls of this run", run_id=run.id)


@admin.register(Feedback)
class FeedbackAdmin(ReadOnlyAdmin):
    """Counts of what users found helpful. Their words are read with the conversation, which needs consent."""

    list_display = ("at", "of_user", "subject", "opinion", "of_run")
    list_filter = ("helpful", "at")
    list_select_related = ("owner",)
    date_hierarchy = "at"
    search_fields = ("=run__id", "=owner__id", "^owner__username", "^lever")
    search_help_text = "Run or user ID, the start of a username, or the start of a lever's name"
    ordering = ("-at",)
    fields = ("at", "of_user", "subject", "opinion", "of_run")
    readonly_fields = fields

    def changelist_view(self, request: HttpRequest, extra_context: Mapping[str, Any] | None = None) -> HttpResponse:
        counts = (
            self.get_queryset(request)
            .order_by("lever")
            .values("lever")
            .annotate(good=Count("pk", filter=Q(helpful=True)), bad=Count("pk", filter=Q(helpful=False)))
        )
        return super().changelist_view(request, {**(extra_context or {}), "counts": counts})

    @admin.display(description="user", ordering="owner__username")
    def of_user(self, feedback: Feedback) -> SafeString:
        return link_to_row("core_user", feedback.owner_id, feedback.owner.username)

    @admin.display(description="of", ordering="lever")
    def subject(self, feedback: Feedback) -> str:
        return feedback.lever or "the answer"

    @admin.display(description="opinion", ordering="helpful")
    def opinion(self, feedback: Feedback) -> str:
        return "helpful" if feedback.helpful else "not helpful"

    @admin.display(description="run")
    def of_run(self, feedback: Feedback) -> SafeString:
        return link_to_row("agents_run", feedback.run_id, str(feedback.run_id))
