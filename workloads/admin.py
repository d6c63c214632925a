"""The operator's pages of logs: sizes, states and times; neither names, columns nor rows."""

from django.contrib import admin
from django.utils.safestring import SafeString

from netra.core.admin.links import to_row, to_rows
from netra.core.admin.metadata import MetadataAdmin
from netra.core.models import Owned
from workloads.models import Upload, Workload


class OfUserAdmin(MetadataAdmin):
    list_select_related = ("owner",)
    date_hierarchy = "created_at"
    search_fields = ("=id", "=owner__id", "^owner__username")
    search_help_text = "An id, a user's id or the beginning of a user's name"
    followed = ("owner__id__exact",)
    ordering = ("-created_at",)

    @admin.display(description="user", ordering="owner__username")
    def of_user(self, row: Owned) -> SafeString:
        return to_row("core_user", row.owner_id, row.owner.username)


@admin.register(Workload)
class WorkloadAdmin(OfUserAdmin):
    list_display = ("id", "of_user", "state", "size", "error_code", "attempt", "created_at")
    list_filter = ("state", "created_at")
    fields = ("id", "of_user", "state", "size", "error_code", "attempt", "worker", "lease_until", "created_at", "runs")
    readonly_fields = fields

    @admin.display(description="runs")
    def runs(self, workload: Workload) -> SafeString:
        return to_rows("agents_run", "Runs on this log", workload__id__exact=workload.id)


@admin.register(Upload)
class UploadAdmin(OfUserAdmin):
    list_filter = ("created_at",)
    list_display = ("id", "of_user", "offset", "size", "created_at")
    fields = ("id", "of_user", "offset", "size", "created_at")
    readonly_fields = fields
