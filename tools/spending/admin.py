"""The operators' pages of spending, to read, and of budgets, to set. A budget's history names who changed it."""

from typing import Any, ClassVar

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
        # The words of the form are here, because those of the model are part of its migrations.
        labels: ClassVar = {"together": "Shared"}
        help_texts: ClassVar = {
            "name": "Shown to users when the budget is used up.",
            "together": "All of these users share one budget. Otherwise each of them has their own.",
            "tool": "If empty, the budget covers everything a run does, including language models.",
            "limit": "US dollars. At 0, everything the budget covers is refused.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "limit" in self.fields:  # the admin leaves out all fields for operators who may only look
            self.fields["limit"].error_messages |= {
                "invalid": "Enter an amount in US dollars, such as 12.50.",
                "min_value": "A budget can't be negative.",
                "max_value": f"A budget can be at most {MAX_AMOUNT:,} USD.",
            }
            self.fields["name"].error_messages["unique"] = "A budget with this name already exists."

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if cleaned is None:
            return None
        user, group = cleaned.get("user"), cleaned.get("group")
        if user and group:
            self.add_error("group", "A budget applies to a user or a group, not both. Create two budgets instead.")
        if cleaned.get("together") and isinstance(user, User):
            self.add_error("together", f"A budget of one user ({user.username}) can't be shared.")
        if cleaned.get("together") and cleaned.get("period") == "run":
            self.add_error("together", "A budget per run can't be shared, because each run belongs to one user.")
        return cleaned


@admin.register(Spend)
class SpendAdmin(ReadOnlyAdmin):
    list_display = ("at", "kind", "name", "usd", "input_tokens", "output_tokens", "cached_tokens", "of_user", "of_run")
    list_filter = ("at", "kind", "name")
    list_select_related = ("owner",)
    search_fields = ("=run_id", "=owner__id", "^owner__username")
    search_help_text = "Run ID, user ID, or the start of a username"
    linked_lookups = ("run_id", "owner__id__exact")
    ordering = ("-id",)
    fields = ("at", "kind", "name", "usd", "input_tokens", "output_tokens", "cached_tokens", "of_user", "of_run")
    readonly_fields = fields

    @admin.display(description="US dollars", ordering="cost")
    def usd(self, spend: Spend) -> str:
        return "unknown" if spend.cost is None else format_usd(spend.cost)

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
    search_help_text = "Start of a budget name, username or tool name, or a user ID"
    ordering = ("name",)
    raw_id_fields = ("user",)
    fieldsets = (
        (None, {"fields": ("name", "limit", "period", "enabled")}),
        (
            "Applies to",
            {
                "fields": ("user", "group", "together"),
                "description": "If user and group are empty, the budget applies to everyone.",
            },
        ),
        ("Scope", {"fields": ("tool",)}),
    )

    @admin.display(description="applies to")
    def spender(self, budget: Budget) -> str:
        if budget.user is not None:
            return budget.user.username
        users = "users" if budget.group is None else f"users in {budget.group.name}"
        return f"all {users}, shared" if budget.together else f"all {users}, each"

    @admin.display(description="scope", ordering="tool")
    def scope(self, budget: Budget) -> str:
        return budget.tool or "everything"

    @admin.display(description="US dollars", ordering="limit")
    def usd(self, budget: Budget) -> str:
        return format_usd(budget.limit)
