from datetime import UTC, datetime

from django.contrib import admin
from django.utils.safestring import SafeString

from netra.core.admin.links import to_row, to_rows
from netra.core.admin.metadata import MetadataAdmin
from netra.operating.models import Consent


@admin.register(Consent)
class ConsentAdmin(MetadataAdmin):
    """Who asked whom, and what came of it. Given, declined and withdrawn by the user alone, in their chat."""

    list_display = ("asked_at", "of_user", "of_operator", "standing", "given_at", "expires_at", "withdrawn_at")
    list_filter = ("asked_at", "given_at")
    list_select_related = ("owner", "operator")
    date_hierarchy = "asked_at"
    search_fields = ("=id", "=thread__id", "=owner__id", "^owner__username", "^operator__username")
    search_help_text = "The id of a consent, conversation or user, or the beginning of a user's or operator's name"
    followed = ("owner__id__exact",)
    ordering = ("-asked_at",)
    fields = (
        *("id", "of_user", "of_operator", "of_thread", "standing", "why"),
        *("asked_at", "given_at", "expires_at", "declined_at", "withdrawn_at", "audit"),
    )
    readonly_fields = fields

    @admin.display(description="user", ordering="owner__username")
    def of_user(self, consent: Consent) -> SafeString:
        return to_row("core_user", consent.owner_id, consent.owner.username)

    @admin.display(description="operator", ordering="operator__username")
    def of_operator(self, consent: Consent) -> SafeString | str:
        operator = consent.operator
        return "gone" if operator is None else to_row("core_user", operator.pk, operator.username)

    @admin.display(description="conversation")
    def of_thread(self, consent: Consent) -> SafeString | str:
        return (
            "all" if consent.thread_id is None else to_row("agents_thread", consent.thread_id, str(consent.thread_id))
        )

    @admin.display(description="state")
    def standing(self, consent: Consent) -> str:
        return consent.state(datetime.now(UTC))

    @admin.display(description="audit")
    def audit(self, consent: Consent) -> SafeString:
        return to_rows("audit_auditrow", "What was done about this user", q=consent.owner_id)
