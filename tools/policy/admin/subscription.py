from django.contrib import admin

from netra.core.admin.links import to_row
from netra.core.admin.metadata import ListedLookups
from tools.policy.admin.moments import MOMENTS
from tools.policy.models import Subscription


@admin.register(Subscription)
class SubscriptionAdmin(ListedLookups):
    """Who is on which plan. Who has none is on the default plan."""

    formfield_overrides = MOMENTS
    list_display = ("id", "of_user", "plan", "trial_ends")
    list_filter = ("plan", "trial_ends")
    list_select_related = ("user", "plan")
    search_fields = ("=user__id", "^user__username")
    search_help_text = "A user's id, or the beginning of a name"
    followed = ("user__id__exact", "plan__id__exact")
    raw_id_fields = ("user",)
    fields = ("user", "plan", "trial_ends")

    @admin.display(description="user", ordering="user__username")
    def of_user(self, row: Subscription) -> str:
        return to_row("core_user", row.user_id, row.user.username)
