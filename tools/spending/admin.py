"""The operator's pages of spending, to look at, and of budgets, to set. Who changed a budget is in its history."""

from django.contrib import admin
from django.utils.safestring import SafeString

from netra.core.admin.links import to_row
from netra.core.admin.metadata import ListedLookups, MetadataAdmin
from tools.spending.dollars import written
from tools.spending.forms import BudgetForm
from tools.spending.models import Budget, Spend


@admin.register(Spend)
class SpendAdmin(MetadataAdmin):
    list_display = ("at", "kind", "name", "usd", "input_tokens", "output_tokens", "cached_tokens", "of_user", "of_run")
    list_filter = ("at", "kind", "name")
    list_select_related = ("owner",)
    search_fields = ("=run_id", "=owner__id", "^owner__username")
    search_help_text = "A run's id, a user's id or the beginning of a user's name"
    followed = ("run_id", "owner__id__exact")
    ordering = ("-id",)
    fields = ("at", "kind", "name", "usd", "input_tokens", "output_tokens", "cached_tokens", "of_user", "of_run")
    readonly_fields = fields

    @admin.display(description="US dollars", ordering="cost")
    def usd(self, spend: Spend) -> str:
        return "not known" if spend.cost is None else written(spend.cost)

    @admin.display(description="user", ordering="owner__username")
    def of_user(self, spend: Spend) -> SafeString:
        return to_row("core_user", spend.owner_id, spend.owner.username)

    @admin.display(description="run")
    def of_run(self, spend: Spend) -> SafeString:
        return to_row("agents_run", spend.run_id, str(spend.run_id))


@admin.register(Budget)
class BudgetAdmin(ListedLookups):
    form = BudgetForm
    list_display = ("name", "whose", "what", "period", "usd", "enabled")
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
    def whose(self, budget: Budget) -> str:
        if budget.user is not None:
            return budget.user.username
        them = f"of {budget.group.name}" if budget.group is not None else "user"
        if budget.together:
            return f"all {them} together" if budget.group is not None else "all users together"
        return f"each {them}"

    @admin.display(description="of what", ordering="tool")
    def what(self, budget: Budget) -> str:
        return budget.tool or "all"

    @admin.display(description="US dollars", ordering="limit")
    def usd(self, budget: Budget) -> str:
        return written(budget.limit)
