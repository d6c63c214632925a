"""The operators' pages of logs and uploads: sizes, states and times, never names, columns or rows."""

from django.contrib import admin
from django.utils.safestring import SafeString

from core.admin.base import ReadOnlyAdmin, link_to_row, link_to_rows
from core.models import Owned
from workloads.models import Upload, Workload


class OwnedRowAdmin(ReadOnlyAdmin):
    """A page of rows that belong to a user."""

    list_select_related = ("owner",)
    date_hierarchy = "created_at"
    search_fields = ("=id", "=owner__id", "^owner__username")
    search_help_text = "ID, user ID or start of the username"
    linked_lookups = ("owner__id__exact",)
    ordering = ("-created_at",)

    @admin.display(description="user", ordering="owner__username")
    def of_user(self, row: Owned) -> SafeString:
        return link_to_row("core_user", row.owner_id, row.owner.username)


@admin.register(Workload)
class WorkloadAdmin(OwnedRowAdmin):
    list_display = ("id", "of_user", "state", "size", "error_code", "attempt", "created_at")
    list_filter = ("state", "created_at")
    fields = ("id", "of_user", "state", "size", "error_code", "attempt", "created_at", "runs")
    readonly_fields = fields

    @admin.display(description="runs")
    def runs(self, workload: Workload) -> SafeString:
        return link_to_rows("agents_run", "Runs on this log", workload__id__exact=workload.id)


@admin.register(Upload)
class UploadAdmin(OwnedRowAdmin):
    list_filter = ("created_at",)
    list_display = ("id", "of_user", "offset", "size", "created_at")
    fields = ("id", "of_user", "offset", "size", "created_at")
    readonly_fields = fields
