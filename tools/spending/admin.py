"""The operators' pages of spending, to read, and of budgets, to set. A budget's history names who changed it."""

from typing import Any

from django import forms
from django.contrib import admin
from django.utils.safestring import SafeString

from core.admin.base import ReadOnlyAdmin, RestrictedLookupAdmin, link_to_row
from core.models import User
from tools.spending.dollars import MAX_AMOUNT, format_usd
from tools.spending.models import Budget, Spend


class BudgetForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in its stubs only
    class Meta:
        model = Budget
        fields = ("name", "user", "group", "together", "tool", "period", "limit", "enabled")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "limit" in self.fields:  # the admin leaves out all fields for operators who may only look
            self.fields["limit"].error_messages |= {
                "invalid": "This is no amount. Write US dollars as in 12.50.",
                "min_value": "A budget cannot be less than nothing.",
                "max_value": f"A budget can be {MAX_AMOUNT:,} USD at most.",
            }
            self.fields["name"].error_messages["unique"] = "There is a budget of this name already."

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if cleaned is None:
            return None
        user, group = cleaned.get("user"), cleaned.get("group")
        if user and group:
            self.add_error("group", "A budget is for a user or for a group, not for both: make two.")
        if cleaned.get("together") and isinstance(user, User):
            self.add_error(
                "together", f"Only {user.username} spends from this budget: there is nobody to share it with."
            )
        if cleaned.get("together") and cleaned.get("period") == "run":
            self.add_error("together", "A run is one user's: a budget of each run cannot be shared.")
        return cleaned


@admin.register(Spend)
class SpendAdmin(ReadOnlyAdmin):
    list_display = ("at", "kind", "name", "usd", "input_tokens", "output_tokens", "cached_tokens", "of_user", "of_run")
    list_filter = ("at", "kind", "name")
    list_select_related = ("owner",)
    search_fields = ("=run_id", "=owner__id", "^owner__username")
    search_help_text = "A run's id, a user's id or the beginning of a user's name"
    linked_lookups = ("run_id", "owner__id__exact")
    ordering = ("-id",)
    fields = ("at", "kind", "name", "usd", "input_tokens", "output_tokens", "cached_tokens", "of_user", "of_run")
    readonly_fields = fields

    @admin.display(description="US dollars", ordering="cost")
    def usd(self, spend: Spend) -> str:
        return "not known" if spend.cost is None else format_usd(spend.cost)

    @admin.display(description="user", ordering="owner__username")
    def of_user(self, spend: Spend) -> SafeString:
        return link_to_row("core_user", spend.owner_id, spend.owner.username)

    @admin.display(description="run")
    def of_run(self, spend: Spend) -> SafeString:
        return link_to_row("agents_run", spend.run_id, str(spend.run_id))


@admin.register(Budget)
class BudgetAdmin(RestrictedLookupAdmin):
    form = BudgetForm
    list_display = ("name", "spender", "scope", "period", "usd", "enabled")
    list_filter = ("period", "enabled")
    list_select_related = ("user", "group")
    search_fields = ("=user__id", "^user__username", "^name", "^tool")
    search_help_text = "The beginning of a budget's, a user's or a tool's name, or a user's id"
    ordering = ("name",)
    raw_id_fields = ("user",)
    fieldsets = (
        (None, {"fields": ("name", "limit", "period", "enabled")}),
        ("Whose", {"fields": ("user", "group", "together"), "description": "Neither a user nor a group: everyone."}),
        ("Of what", {"fields": ("tool",)}),
    )

    @admin.display(description="whose")
    def spender(self, budget: Budget) -> str:
        if budget.user is not None:
            return budget.user.username
        them = f"of {budget.group.name}" if budget.group is not None else "user"
        if budget.together:
            return f"all {them} together" if budget.group is not None else "all users together"
        return f"each {them}"

    @admin.display(description="of what", ordering="tool")
    def scope(self, budget: Budget) -> str:
        return budget.tool or "all"

    @admin.display(description="US dollars", ordering="limit")
    def usd(self, budget: Budget) -> str:
        return format_usd(budget.limit)
