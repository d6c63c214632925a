from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, path
from django.utils.safestring import SafeString

from legacy.admin.actor import change_by
from legacy.admin.ruleform import RuleForm
from legacy.admin.statuspage import status_view
from legacy.models import RolloutRule
from legacy.rollout import changing
from netra.core.admin.links import to_row, to_rows
from netra.core.admin.metadata import ListedLookups
from netra.language.text import counted

ROLLED_BACK = "Rolled back."


class WithReason(ActionForm):
    why = forms.CharField(label="Why:", required=False, max_length=500)


@admin.register(RolloutRule)
class RolloutRuleAdmin(ListedLookups):
    """Who gets which form of an agent from their next run on. Each change is a version; none is deleted."""

    form = RuleForm
    list_display = ("id", "agent", "path", "to_whom", "enabled", "version")
    list_filter = ("agent", "path", "enabled")
    list_select_related = ("group", "user")
    search_fields = ("=id", "=agent", "=user__id", "^user__username")
    search_help_text = "A rule's number, an agent's name, or a user"
    followed = ("user__id__exact",)
    raw_id_fields = ("user",)
    ordering = ("agent", "-enabled", "id")
    readonly_fields = ("history",)
    actions = ("roll_back",)
    action_form = WithReason

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(lambda request: status_view(request, self))
        return [path("status/", view, name="legacy_rolloutrule_status"), *super().get_urls()]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Who may only look is not asked why."""
        may = self.has_change_permission(request, obj) if obj is not None else self.has_add_permission(request)
        return (*RuleForm.Meta.fields, *(("why",) if may else ()), "history")

    def save_model(self, request: HttpRequest, obj: RolloutRule, form: Any, change: bool) -> None:
        changing.save(obj, change_by(request, form.cleaned_data["why"]))

    @admin.action(description="Roll back: everybody to the legacy agent", permissions=["change"])
    def roll_back(self, request: HttpRequest, queryset: QuerySet[RolloutRule]) -> None:
        """All rules of the chosen ones' agents, whichever of them were chosen."""
        change = change_by(request, request.POST.get("why", "").strip() or ROLLED_BACK)
        for agent in sorted(set(queryset.values_list("agent", flat=True))):
            count = changing.roll_back(agent, change)
            off = counted("{n} rule switched off", "{n} rules switched off", n=count)
            said = f"{agent}: everybody gets the legacy agent from their next run on; {off}."
            self.message_user(request, said, messages.SUCCESS)

    @admin.display(description="for")
    def to_whom(self, rule: RolloutRule) -> SafeString | str:
        if rule.user is not None:
            return to_row("core_user", rule.user.pk, rule.user.username)
        if rule.group is not None:
            return f"group {rule.group.name}"
        return f"{rule.percentage} % of all users"

    @admin.display(description="history")
    def history(self, rule: RolloutRule) -> SafeString | str:
        if not rule.pk:
            return "-"
        return to_rows("legacy_rolloutversion", "Versions of this rule", rule__id__exact=rule.pk)
