from django.contrib import admin
from django.utils.safestring import SafeString

from legacy.models import RunPath
from netra.core.admin.links import to_row
from netra.core.admin.metadata import MetadataAdmin


@admin.register(RunPath)
class RunPathAdmin(MetadataAdmin):
    """Which form of an agent each run was given."""

    list_display = ("at", "agent", "path", "of_user", "run_id")
    list_filter = ("agent", "path", "at")
    list_select_related = ("owner",)
    search_fields = ("=run_id", "=agent", "=owner__id", "^owner__username")
    search_help_text = "A run's id, an agent's name, a user's id or the beginning of a user's name"
    followed = ("owner__id__exact",)
    ordering = ("-id",)
    fields = ("at", "agent", "path", "of_user", "run_id")
    readonly_fields = fields

    @admin.display(description="user", ordering="owner__username")
    def of_user(self, row: RunPath) -> SafeString:
        return to_row("core_user", row.owner_id, row.owner.username)
