"""The operators' pages of policies, versions, plans and subscriptions, and the page that explains a decision."""

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.safestring import SafeString

from core.admin.base import (
    ReadOnlyAdmin,
    ReasonForm,
    RestrictedLookupAdmin,
    build_change,
    link_to_row,
    link_to_rows,
)
from core.exceptions import UserError
from core.i18n.text import plural_text
from tools.policy.explanation import Explanation, explain_named_call, format_quota
from tools.policy.forms import AllowanceForm, ExplanationForm, PlanForm, PolicyForm, SubscriptionForm
from tools.policy.models import Plan, PlanAllowance, Policy, PolicyVersion, Subscription, disable_policy

DATETIME_OVERRIDES: Mapping[Any, Any] = MappingProxyType(
    {models.DateTimeField: {"form_class": forms.DateTimeField, "widget": forms.DateTimeInput(attrs={"size": 20})}}
)
"""For `formfield_overrides`."""


def show_explanation(request: HttpRequest, page: Any) -> HttpResponse:
    """The page for operators who may see policies. `?user=` fills in the user; the question itself is posted."""
    if not page.has_view_permission(request):
        raise PermissionDenied
    form = (
        ExplanationForm(request.POST)
        if request.method == "POST"
        else ExplanationForm(initial={"user": request.GET.get("user")})
    )
    explanation = _build_explanation(form)
    context = {
        **page.admin_site.each_context(request),
        "title": "Explain a decision",
        "opts": page.model._meta,
        "form": form,
        "explanation": explanation,
        "quota": format_quota(explanation.decision.quota) if explanation else "",
    }
    return TemplateResponse(request, "admin/policy/why.html", context)


def _build_explanation(form: ExplanationForm) -> Explanation | None:
    if not form.is_bound or not form.is_valid():
        return None
    try:
        return explain_named_call(**form.cleaned_data)
    except UserError as error:
        form.add_error(None, str(error))
        return None


@admin.register(Policy)
class PolicyAdmin(RestrictedLookupAdmin):
    """Policies are added, changed and switched off, each time as a new version. None is deleted, so that an old
    decision can be explained."""

    form = PolicyForm
    formfield_overrides = DATETIME_OVERRIDES
    list_display = (
        "id",
        "effect",
        "for_tools",
        "target",
        "priority",
        "enabled",
        "valid_from",
        "valid_until",
        "version",
    )
    list_filter = ("effect", "enabled", "category")
    list_select_related = ("group", "plan", "user")
    search_fields = ("=id", "^tool", "=user__id", "^user__username")
    search_help_text = "Policy number, start of a tool name, or user"
    linked_lookups = ("user__id__exact",)
    raw_id_fields = ("user",)
    ordering = ("-enabled", "-priority", "id")
    fieldsets = (
        ("Effect and tools", {"fields": ("effect", "tool", "category")}),
        (
            "Applies to",
            {
                "fields": ("group", "plan", "user"),
                "description": "Fill in at most one. If all are empty, the policy applies to everyone.",
            },
        ),
        ("Limits", {"fields": ("limits", "priority", "valid_from", "valid_until", "enabled")}),
        ("Message and history", {"fields": ("reason", "why", "history")}),
    )
    readonly_fields = ("history",)
    actions = ("switch_off",)
    action_form = ReasonForm

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(lambda request: show_explanation(request, self))
        return [path("why/", view, name="policy_policy_why"), *super().get_urls()]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Leave out the reason for operators who may only look."""
        may = self.has_change_permission(request, obj) if obj is not None else self.has_add_permission(request)
        hidden = set() if may else {"why"}
        return [
            (title, {**options, "fields": [name for name in options["fields"] if name not in hidden]})
            for title, options in super().get_fieldsets(request, obj)
        ]

    def save_model(self, request: HttpRequest, obj: Policy, form: Any, change: bool) -> None:
        obj.save_version(build_change(request, form.cleaned_data["why"]))

    @admin.action(description="Disable", permissions=["change"])
    def switch_off(self, request: HttpRequest, queryset: QuerySet[Policy]) -> None:
        why = request.POST.get("why", "").strip()
        if not why:
            self.message_user(request, "Enter a reason. No policy was disabled.", messages.ERROR)
            return
        policies = list(queryset)
        for policy in policies:
            disable_policy(policy, build_change(request, why))
        self.message_user(
            request, plural_text("{n} policy disabled.", "{n} policies disabled.", n=len(policies)), messages.SUCCESS
        )

    @admin.display(description="tools")
    def for_tools(self, policy: Policy) -> str:
        return policy.tool or policy.category or "all tools"

    @admin.display(description="applies to")
    def target(self, policy: Policy) -> SafeString | str:
        if policy.user is not None:
            return link_to_row("core_user", policy.user.pk, policy.user.username)
        if policy.group is not None:
            return f"group {policy.group.name}"
        return f"plan {policy.plan.name}" if policy.plan is not None else "everyone"

    @admin.display(description="history")
    def history(self, policy: Policy) -> SafeString | str:
        return (
            link_to_rows("policy_policyversion", "Versions of this policy", policy__id__exact=policy.pk)
            if policy.pk
            else "-"
        )


@admin.register(PolicyVersion)
class PolicyVersionAdmin(ReadOnlyAdmin):
    """The versions of policies, to read: content, time, author and reason."""

    list_display = ("id", "of_policy", "version", "at", "changed_by", "why")
    list_filter = ("at",)
    search_fields = ("=policy__id", "^changed_by", "=actor_id")
    search_help_text = "Policy number, or user ID or start of the username of who changed it"
    linked_lookups = ("policy__id__exact",)
    ordering = ("-id",)
    fields = ("of_policy", "version", "at", "changed_by", "actor_id", "why", "content")
    readonly_fields = fields

    @admin.display(description="policy", ordering="policy__id")
    def of_policy(self, row: PolicyVersion) -> SafeString:
        return link_to_row("policy_policy", row.policy_id, f"policy {row.policy_id}")

    @admin.display(description="content")
    def content(self, row: PolicyVersion) -> str:
        return json.dumps(row.said, ensure_ascii=False, indent=1)


class AllowanceInline(admin.StackedInline):  # type: ignore[type-arg]  # generic in its stubs only
    """Allowances one below the other: Django's table of them has fields without labels."""

    model = PlanAllowance
    form = AllowanceForm
    extra = 0


@admin.register(Plan)
class PlanAdmin(RestrictedLookupAdmin):
    """Plans and their allowances. One of them is always the default, which only the action changes."""

    form = PlanForm
    list_display = ("name", "slug", "rank", "stored_mb", "is_default")
    ordering = ("rank",)
    fields = ("name", "slug", "rank", "stored_mb", "is_default")
    readonly_fields = ("is_default",)
    inlines = (AllowanceInline,)
    actions = ("make_default",)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return (obj is None or not obj.is_default) and super().has_delete_permission(request, obj)

    def get_actions(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        # Deleting several at once would not check for the default plan. A later Django passes more than the request.
        actions = super().get_actions(request, *args, **kwargs)
        return {name: action for name, action in actions.items() if name != "delete_selected"}

    @admin.action(description="Make the default plan", permissions=["change"])
    def make_default(self, request: HttpRequest, queryset: QuerySet[Plan]) -> None:
        chosen = list(queryset)
        if len(chosen) != 1:
            self.message_user(request, "Select exactly one plan. Nothing was changed.", messages.ERROR)
            return
        (plan,) = chosen
        with transaction.atomic():
            Plan.objects.filter(is_default=True).update(is_default=False)
            Plan.objects.filter(pk=plan.pk).update(is_default=True)
        self.log_change(request, plan, "Made the default plan.")
        self.message_user(request, f"{plan.name} is now the default plan.", messages.SUCCESS)


@admin.register(Subscription)
class SubscriptionAdmin(RestrictedLookupAdmin):
    """The plans of users. A user without a subscription is on the default plan."""

    form = SubscriptionForm
    formfield_overrides = DATETIME_OVERRIDES
    list_display = ("id", "of_user", "plan", "trial_ends")
    list_filter = ("plan", "trial_ends")
    list_select_related = ("user", "plan")
    search_fields = ("=user__id", "^user__username")
    search_help_text = "User ID, or the start of a username"
    linked_lookups = ("user__id__exact", "plan__id__exact")
    raw_id_fields = ("user",)
    fields = ("user", "plan", "trial_ends")

    @admin.display(description="user", ordering="user__username")
    def of_user(self, row: Subscription) -> str:
        return link_to_row("core_user", row.user_id, row.user.username)
