import json

from django.contrib import admin
from django.utils.safestring import SafeString

from legacy.models import RolloutVersion
from netra.core.admin.links import to_row
from netra.core.admin.metadata import MetadataAdmin


@admin.register(RolloutVersion)
class RolloutVersionAdmin(MetadataAdmin):
    """What the rollout's rules said, from when on, and who changed them why."""

    list_display = ("id", "of_rule", "version", "at", "changed_by", "why")
    list_filter = ("at",)
    search_fields = ("=rule__id", "=rule__agent", "^changed_by", "=actor_id")
    search_help_text = "A rule's number, an agent's name, or the id or the beginning of the name of who changed it"
    followed = ("rule__id__exact",)
    ordering = ("-id",)
    fields = ("of_rule", "version", "at", "changed_by", "actor_id", "why", "content")
    readonly_fields = fields

    @admin.display(description="rule", ordering="rule__id")
    def of_rule(self, row: RolloutVersion) -> SafeString:
        return to_row("legacy_rolloutrule", row.rule_id, f"rule {row.rule_id}")

    @admin.display(description="what it said")
    def content(self, row: RolloutVersion) -> str:
        return json.dumps(row.said, ensure_ascii=False, indent=1)
