"""Admin pages of the migration: rollout rules and their versions, run paths, shadow results, API uses, status."""

import json
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.safestring import SafeString

from agents.framework.registry import AGENTS, load_agent_selector
from core.admin.base import ReadOnlyAdmin, ReasonForm, RestrictedLookupAdmin, build_change, link_to_row, link_to_rows
from core.i18n.text import plural_text
from legacy.models import LegacyUse, RolloutRule, RolloutVersion, RunPath, ShadowResult
from legacy.rollout.roster import roll_back_agent
from legacy.rollout.status import build_status

TARGET_FIELDS = ("percentage", "group", "user")


STATUS_DAYS = (1, 7, 30, 90)
DEFAULT_ROLLBACK_REASON = "Rolled back."


class RolloutRuleForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in its stubs only
    why = forms.CharField(
        label="Reason for this change",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Saved in the rule's history with your name.",
    )

    class Meta:
        model = RolloutRule
        fields = ("agent", "path", *TARGET_FIELDS, "enabled")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "agent" not in self.fields:
            return  # with view permission only, the admin has no form fields
        # A rule keeps its agent even if the registry no longer has it.
        names = dict.fromkeys([*AGENTS, *([self.instance.agent] if self.instance.agent else [])])
        self.fields["agent"] = forms.ChoiceField(choices=[(name, name) for name in names])

    def clean_percentage(self) -> int | None:
        percentage: int | None = self.cleaned_data["percentage"]
        if percentage is not None and percentage > 100:
            raise forms.ValidationError("Enter a percentage of at most 100.")
        return percentage

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if self.errors:
            return data
        targets = {name: data[name] for name in TARGET_FIELDS if data[name] is not None}
        if len(targets) != 1:
            self.add_error(None, "Choose exactly one: a percentage, a group or a user.")
            return data
        before = self.instance.pk and self.initial.get("user")
        if self.instance.pk and before != (data["user"].pk if data["user"] else None):
            # A user's rules and their versions are deleted with the user: they must not belong to another target.
            self.add_error("user", "A rule can't be changed to or from a user. Disable it and add another.")
        elif data["enabled"]:
            self._check_unique_target(data, targets)
        return data

    def _check_unique_target(self, data: dict[str, Any], targets: dict[str, Any]) -> None:
        same = {"percentage__isnull": False} if "percentage" in targets else targets
        others = RolloutRule.objects.filter(agent=data["agent"], enabled=True, **same).exclude(pk=self.instance.pk)
        if "percentage" in targets:
            others = others.filter(path=data["path"])
        if (other := others.first()) is not None:
            self.add_error(None, f"Rule {other.pk} already applies to the same users. Change that one.")


def show_status(request: HttpRequest, page: Any) -> HttpResponse:
    """The page for users with permission to view the rules. `?days=` is one of STATUS_DAYS."""
    if not page.has_view_permission(request):
        raise PermissionDenied
    requested = request.GET.get("days", "")
    days = int(requested) if requested in map(str, STATUS_DAYS) else 30
    context = {
        **page.admin_site.each_context(request),
        "title": "Migration status",
        "opts": page.model._meta,
        "status": build_status(load_agent_selector(settings.NETRA.roster), days),
        "choices": STATUS_DAYS,
    }
    return TemplateResponse(request, "admin/legacy/status.html", context)


@admin.register(RolloutRule)
class RolloutRuleAdmin(RestrictedLookupAdmin):
    """Rules that select an agent's form for users' next runs. Each change is a version; none is deleted."""

    form = RolloutRuleForm
    list_display = ("id", "agent", "path", "target", "enabled", "version")
    list_filter = ("agent", "path", "enabled")
    list_select_related = ("group", "user")
    search_fields = ("=id", "=agent", "=user__id", "^user__username")
    search_help_text = "A rule's number, an agent's name, or a user"
    linked_lookups = ("user__id__exact",)
    raw_id_fields = ("user",)
    ordering = ("agent", "-enabled", "id")
    readonly_fields = ("history",)
    actions = ("roll_back",)
    action_form = ReasonForm

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(lambda request: show_status(request, self))
        return [path("status/", view, name="legacy_rolloutrule_status"), *super().get_urls()]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """The reason is only asked for with permission to change."""
        can_edit = self.has_change_permission(request, obj) if obj is not None else self.has_add_permission(request)
        return (*RolloutRuleForm.Meta.fields, *(("why",) if can_edit else ()), "history")

    def save_model(self, request: HttpRequest, obj: RolloutRule, form: Any, change: bool) -> None:
        obj.save_version(build_change(request, form.cleaned_data["why"]))

    @admin.action(description="Roll back: use the legacy agent for all users", permissions=["change"])
    def roll_back(self, request: HttpRequest, queryset: QuerySet[RolloutRule]) -> None:
        """Disable all rules of the selected rules' agents, not only the selected ones."""
        change = build_change(request, request.POST.get("why", "").strip() or DEFAULT_ROLLBACK_REASON)
        for agent in sorted(set(queryset.values_list("agent", flat=True))):
            count = roll_back_agent(agent, change)
            disabled = plural_text("{n} rule was disabled", "{n} rules were disabled", n=count)
            message = f"{agent}: all users get the legacy agent from their next run on; {disabled}."
            self.message_user(request, message, messages.SUCCESS)

    @admin.display(description="applies to")
    def target(self, rule: RolloutRule) -> SafeString | str:
        if rule.user is not None:
            return link_to_row("core_user", rule.user.pk, rule.user.username)
        if rule.group is not None:
            return f"group {rule.group.name}"
        return f"{rule.percentage} % of all users"

    @admin.display(description="history")
    def history(self, rule: RolloutRule) -> SafeString | str:
        if not rule.pk:
            return "-"
        return link_to_rows("legacy_rolloutversion", "Versions of this rule", rule__id__exact=rule.pk)


@admin.register(RolloutVersion)
class RolloutVersionAdmin(ReadOnlyAdmin):
    """The contents of rollout rules over time, with actor and reason of each change."""

    list_display = ("id", "of_rule", "version", "at", "changed_by", "why")
    list_filter = ("at",)
    search_fields = ("=rule__id", "=rule__agent", "^changed_by", "=actor_id")
    search_help_text = "A rule's number, an agent's name, or the id or start of the name of the user who changed it"
    linked_lookups = ("rule__id__exact",)
    ordering = ("-id",)
    fields = ("of_rule", "version", "at", "changed_by", "actor_id", "why", "content")
    readonly_fields = fields

    @admin.display(description="rule", ordering="rule__id")
    def of_rule(self, row: RolloutVersion) -> SafeString:
        return link_to_row("legacy_rolloutrule", row.rule_id, f"rule {row.rule_id}")

    @admin.display(description="content")
    def content(self, row: RolloutVersion) -> str:
        return json.dumps(row.said, ensure_ascii=False, indent=1)


@admin.register(RunPath)
class RunPathAdmin(ReadOnlyAdmin):
    """The form of an agent that each run got."""

    list_display = ("at", "agent", "path", "of_user", "run_id")
    list_filter = ("agent", "path", "at")
    list_select_related = ("owner",)
    search_fields = ("=run_id", "=agent", "=owner__id", "^owner__username")
    search_help_text = "A run's id, an agent's name, a user's id or the start of a user's name"
    linked_lookups = ("owner__id__exact",)
    ordering = ("-id",)
    fields = ("at", "agent", "path", "of_user", "run_id")
    readonly_fields = fields

    @admin.display(description="user", ordering="owner__username")
    def of_user(self, row: RunPath) -> SafeString:
        return link_to_row("core_user", row.owner_id, row.owner.username)


@admin.register(ShadowResult)
class ShadowResultAdmin(ReadOnlyAdmin):
    """Outputs of modern agents compared with legacy ones: names of fields, not their values."""

    list_display = (
        "at",
        "agent",
        "verdict",
        "differing_fields",
        "error",
        "legacy_ms",
        "modern_ms",
        "of_user",
        "run_id",
    )
    list_filter = ("agent", "verdict", "at")
    list_select_related = ("owner",)
    search_fields = ("=run_id", "=agent", "=owner__id", "^owner__username")
    search_help_text = "A run's id, an agent's name, a user's id or the start of a user's name"
    linked_lookups = ("owner__id__exact",)
    ordering = ("-id",)
    fields = (*list_display, "cost")
    readonly_fields = fields

    @admin.display(description="differing fields")
    def differing_fields(self, row: ShadowResult) -> str:
        return ", ".join(row.fields) or "-"

    @admin.display(description="user", ordering="owner__username")
    def of_user(self, row: ShadowResult) -> SafeString:
        return link_to_row("core_user", row.owner_id, row.owner.username)


@admin.register(LegacyUse)
class LegacyUseAdmin(ReadOnlyAdmin):
    list_display = ("day", "agent", "what", "location", "count")
    list_filter = ("day", "agent", "what")
    date_hierarchy = "day"
    search_fields = ("=agent", "^what", "^file")
    search_help_text = "An agent's name, or the start of a legacy API name or a file"
    ordering = ("-day", "-count")
    fields = ("day", "agent", "what", "location", "count")
    readonly_fields = fields

    @admin.display(description="called from", ordering="file")
    def location(self, use: LegacyUse) -> str:
        return f"{use.file}:{use.line}"
