"""The operator's page of what is still of the old pattern: which agent, what, where from, how often."""

from django.contrib import admin

from legacy.models import LegacyUse
from netra.core.admin.metadata import MetadataAdmin


@admin.register(LegacyUse)
class LegacyUseAdmin(MetadataAdmin):
    list_display = ("day", "agent", "what", "where", "count")
    list_filter = ("day", "agent", "what")
    date_hierarchy = "day"
    search_fields = ("=agent", "^what", "^file")
    search_help_text = "An agent's name, or the beginning of a part of the old surface or of a file"
    ordering = ("-day", "-count")
    fields = ("day", "agent", "what", "where", "count")
    readonly_fields = fields

    @admin.display(description="from", ordering="file")
    def where(self, use: LegacyUse) -> str:
        return f"{use.file}:{use.line}"
