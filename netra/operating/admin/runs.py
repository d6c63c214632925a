from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from agents.admin import RunAdmin
from agents.models import Run
from netra.operating.admin.acted import acted

admin.site.unregister(Run)


@admin.register(Run)
class OperatedRunAdmin(RunAdmin):
    actions = ("cancel",)  # type: ignore[assignment]  # the base has none

    def has_cancel_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("operating.cancel_run")

    @admin.action(description="Ask for their end", permissions=["cancel"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[Run]) -> None:
        chosen = [{"run_id": str(pk)} for pk in queryset.values_list("pk", flat=True)]
        done = sum(acted(self, request, "cancel_run", each) is not None for each in chosen)
        if done:
            self.message_user(request, f"Asked {done} to end; who works on them stops them.", messages.SUCCESS)
