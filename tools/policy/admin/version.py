import json

from django.contrib import admin
from django.utils.safestring import SafeString

from netra.core.admin.links import to_row
from netra.core.admin.metadata import MetadataAdmin
from tools.policy.models import PolicyVersion


@admin.register(PolicyVersion)
class PolicyVersionAdmin(MetadataAdmin):
    """What policies said, from when on, and who changed them why. To be read only."""

    list_display = ("id", "of_policy", "version", "at", "changed_by", "why")
    list_filter = ("at",)
    search_fields = ("=policy__id", "^changed_by", "=actor_id")
    search_help_text = "A policy's number, or the id or the beginning of the name of who changed it"
    followed = ("policy__id__exact",)
    ordering = ("-id",)
    fields = ("of_policy", "version", "at", "changed_by", "actor_id", "why", "content")
    readonly_fields = fields

    @admin.display(description="policy", ordering="policy__id")
    def of_policy(self, row: PolicyVersion) -> SafeString:
        return to_row("policy_policy", row.policy_id, f"policy {row.policy_id}")

    @admin.display(description="what it said")
    def content(self, row: PolicyVersion) -> str:
        return json.dumps(row.said, ensure_ascii=False, indent=1)
