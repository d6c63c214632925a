from django.contrib import admin
from django.utils.safestring import SafeString

from legacy.models import ShadowResult
from netra.core.admin.links import to_row
from netra.core.admin.metadata import MetadataAdmin


@admin.register(ShadowResult)
class ShadowResultAdmin(MetadataAdmin):
    """How modern agents did in the shadow of legacy ones: names of fields, not what was in them."""

    list_display = ("at", "agent", "verdict", "where", "error", "legacy_ms", "modern_ms", "of_user", "run_id")
    list_filter = ("agent", "verdict", "at")
    list_select_related = ("owner",)
    search_fields = ("=run_id", "=agent", "=owner__id", "^owner__username")
    search_help_text = "A run's id, an agent's name, a user's id or the beginning of a user's name"
    followed = ("owner__id__exact",)
    ordering = ("-id",)
    fields = (*list_display, "cost")
    readonly_fields = fields

    @admin.display(description="differs in")
    def where(self, row: ShadowResult) -> str:
        return ", ".join(row.fields) or "-"

    @admin.display(description="user", ordering="owner__username")
    def of_user(self, row: ShadowResult) -> SafeString:
        return to_row("core_user", row.owner_id, row.owner.username)
