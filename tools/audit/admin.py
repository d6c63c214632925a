"""The operator's page of the audit: looked at and filtered; `manage.py verify_audit` says whether it is whole."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest
from django.utils.safestring import SafeString

from netra.core.admin.links import to_row, to_rows
from netra.core.admin.metadata import MetadataAdmin
from tools.audit.distinct import values_of
from tools.audit.lookup import subjects_named
from tools.audit.models import AuditRow, AuditSubject

OUTCOMES = ("ok", "refused", "failed", "timeout", "cancelled")


class OneOf(admin.SimpleListFilter):
    """Rows with one of a column's values."""

    def offered(self) -> Sequence[str]:
        raise NotImplementedError

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(value, value) for value in self.offered()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditRow]) -> QuerySet[AuditRow]:
        value = self.value()
        return queryset if value is None else queryset.filter(**{str(self.parameter_name): value})


class OutcomeFilter(OneOf):
    title = parameter_name = "outcome"

    def offered(self) -> Sequence[str]:
        return OUTCOMES


class ToolFilter(OneOf):
    title = parameter_name = "tool"

    def offered(self) -> Sequence[str]:
        return values_of("tool")


class RuleFilter(OneOf):
    title = parameter_name = "rule"

    def offered(self) -> Sequence[str]:
        return values_of("rule")


@admin.register(AuditRow)
class AuditRowAdmin(MetadataAdmin):
    list_display = ("at", "of_user", "tool", "outcome", "code", "decided", "of_actor", "agent", "seq")
    list_filter = ("at", OutcomeFilter, ToolFilter, RuleFilter)
    search_fields = ("=subject",)  # and by users: get_search_results
    search_help_text = "A user's name or id, or a subject of the audit"
    followed = ("run", "subject")
    ordering = ("-id",)
    fields = (
        *("at", "of_user", "subject", "seq", "of_actor", "of_run", "agent", "tool", "outcome", "code"),
        *("rule", "rule_version", "duration", "price", "arguments", "result", "key", "previous", "mac"),
    )
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditRow]:
        rows: QuerySet[AuditRow] = super().get_queryset(request)
        return rows.annotate(**_names("subject", "user"), **_names("actor", "operator"))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[AuditRow], search_term: str
    ) -> tuple[QuerySet[AuditRow], bool]:
        """Whose rows, and which they did as an operator."""
        if not search_term.strip():
            return queryset, False
        subjects = subjects_named(search_term.strip())
        return queryset.filter(Q(subject__in=subjects) | Q(actor__in=subjects)), False

    @admin.display(description="decided by", ordering="rule")
    def decided(self, row: AuditRow) -> str:
        return f"{row.rule}, version {row.rule_version}" if row.rule_version else row.rule or "-"

    @admin.display(description="user")
    def of_user(self, row: Any) -> SafeString | str:
        return to_row("core_user", row.user_id, row.user_name) if row.user_id else "erased"

    @admin.display(description="operator")
    def of_actor(self, row: Any) -> SafeString | str:
        if not row.actor:
            return "-"
        return to_row("core_user", row.operator_id, row.operator_name) if row.operator_id else "erased"

    @admin.display(description="run")
    def of_run(self, row: AuditRow) -> SafeString | str:
        return to_rows("audit_auditrow", "Rows of this run", run=row.run) if row.run else "-"

    @admin.display(description="milliseconds")
    def duration(self, row: AuditRow) -> str:
        return f"{row.duration_ms:g}"

    @admin.display(description="US dollars")
    def price(self, row: AuditRow) -> str:
        return f"{row.cost.normalize():f}"


def _names(column: str, called: str) -> dict[str, Subquery]:
    """Who a subject is, while they are here."""
    found = AuditSubject.objects.filter(subject=OuterRef(column))
    return {
        f"{called}_id": Subquery(found.values("owner_id")[:1]),
        f"{called}_name": Subquery(found.values("owner__username")[:1]),
    }
