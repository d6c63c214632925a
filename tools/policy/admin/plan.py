from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest

from netra.core.admin.metadata import ListedLookups
from tools.policy.models import Plan, PlanAllowance


class AllowanceInline(admin.StackedInline):  # type: ignore[type-arg]  # generic in its stubs only
    """One below the other: the stock table of them has fields without labels."""

    model = PlanAllowance
    extra = 0


@admin.register(Plan)
class PlanAdmin(ListedLookups):
    """Plans, with what each includes. One of them is the default, always: it is made so by the action."""

    list_display = ("name", "slug", "rank", "stored_mb", "is_default")
    ordering = ("rank",)
    fields = ("name", "slug", "rank", "stored_mb", "is_default")
    readonly_fields = ("is_default",)
    inlines = (AllowanceInline,)
    actions = ("make_default",)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return (obj is None or not obj.is_default) and super().has_delete_permission(request, obj)

    def get_actions(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        # Deleting several does not ask whether the default is among them. A later Django passes more than the request.
        actions = super().get_actions(request, *args, **kwargs)
        return {name: action for name, action in actions.items() if name != "delete_selected"}

    @admin.action(description="Make the default plan", permissions=["change"])
    def make_default(self, request: HttpRequest, queryset: QuerySet[Plan]) -> None:
        chosen = list(queryset)
        if len(chosen) != 1:
            self.message_user(request, "Choose one plan: nothing was changed.", messages.ERROR)
            return
        (plan,) = chosen
        with transaction.atomic():
            Plan.objects.filter(is_default=True).update(is_default=False)
            Plan.objects.filter(pk=plan.pk).update(is_default=True)
        self.log_change(request, plan, "Made the default plan.")
        self.message_user(request, f"{plan.name} is the default plan.", messages.SUCCESS)
