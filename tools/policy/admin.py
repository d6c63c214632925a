from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, path
from django.utils.safestring import SafeString

from netra.core.admin.links import to_row, to_rows
from netra.core.admin.metadata import ListedLookups
from tools.policy import changing
from tools.policy.admin.actor import change_by
from tools.policy.admin.moments import MOMENTS
from tools.policy.admin.why import why_view
from tools.policy.forms import PolicyForm
from tools.policy.models import Policy


class WithReason(ActionForm):
    why = forms.CharField(label="Why:", required=False, max_length=500)


@admin.register(Policy)
class PolicyAdmin(ListedLookups):
    """Rules: added, changed and switched off, each time as a new version. None is deleted: what decided stays known."""

    form = PolicyForm
    formfield_overrides = MOMENTS
    list_display = (
        "id",
        "effect",
        "for_tools",
        "to_whom",
        "priority",
        "enabled",
        "valid_from",
        "valid_until",
        "version",
    )
    list_filter = ("effect", "enabled", "category")
    list_select_related = ("group", "plan", "user")
    search_fields = ("=id", "^tool", "=user__id", "^user__username")
    search_help_text = "A policy's number, the beginning of a tool's name, or a user"
    followed = ("user__id__exact",)
    raw_id_fields = ("user",)
    ordering = ("-enabled", "-priority", "id")
    fieldsets = (
        ("What", {"fields": ("effect", "tool", "category")}),
        ("To whom", {"fields": ("group", "plan", "user"), "description": "One of these at most; none: everyone."}),
        ("How far", {"fields": ("limits", "priority", "valid_from", "valid_until", "enabled")}),
        ("What is said of it", {"fields": ("reason", "why", "history")}),
    )
    readonly_fields = ("history",)
    actions = ("switch_off",)
    action_form = WithReason

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(lambda request: why_view(request, self))
        return [path("why/", view, name="policy_policy_why"), *super().get_urls()]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Who may only look is not asked why."""
        may = self.has_change_permission(request, obj) if obj is not None else self.has_add_permission(request)
        hidden = set() if may else {"why"}
        return [
            (title, {**options, "fields": [name for name in options["fields"] if name not in hidden]})
            for title, options in super().get_fieldsets(request, obj)
        ]

    def save_model(self, request: HttpRequest, obj: Policy, form: Any, change: bool) -> None:
        changing.save(obj, change_by(request, form.cleaned_data["why"]))

    @admin.action(description="Switch off", permissions=["change"])
    def switch_off(self, request: HttpRequest, queryset: QuerySet[Policy]) -> None:
        why = request.POST.get("why", "").strip()
        if not why:
            self.message_user(request, "Say why: nothing was switched off.", messages.ERROR)
            return
        policies = list(queryset)
        for policy in policies:
            changing.switch_off(policy, change_by(request, why))
        self.message_user(request, f"{len(policies)} switched off.", messages.SUCCESS)

    @admin.display(description="for")
    def for_tools(self, policy: Policy) -> str:
        return policy.tool or policy.category or "every tool"

    @admin.display(description="to")
    def to_whom(self, policy: Policy) -> SafeString | str:
        if policy.user is not None:
            return to_row("core_user", policy.user.pk, policy.user.username)
        if policy.group is not None:
            return f"group {policy.group.name}"
        return f"plan {policy.plan.name}" if policy.plan is not None else "everyone"

    @admin.display(description="history")
    def history(self, policy: Policy) -> SafeString | str:
        return (
            to_rows("policy_policyversion", "Versions of this policy", policy__id__exact=policy.pk)
            if policy.pk
            else "-"
        )
