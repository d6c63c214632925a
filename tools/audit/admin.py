"""The operators' page of the audit, to read and filter; `manage.py verify_audit` checks its integrity."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest
from django.utils.safestring import SafeString

from core.admin.base import ReadOnlyAdmin, link_to_row, link_to_rows
from tools.audit.models import AuditRow, AuditSubject
from tools.audit.queries import find_subjects, list_distinct_values

OUTCOMES = ("ok", "refused", "failed", "timeout", "cancelled")


class ColumnValueFilter(admin.SimpleListFilter):
    """Rows with one of a column's values."""

    def list_values(self) -> Sequence[str]:
        raise NotImplementedError

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(value, value) for value in self.list_values()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditRow]) -> QuerySet[AuditRow]:
        value = self.value()
        return queryset if value is None else queryset.filter(**{str(self.parameter_name): value})


class AuditOutcomeFilter(ColumnValueFilter):
    title = parameter_name = "outcome"

    def list_values(self) -> Sequence[str]:
        return OUTCOMES


class AuditToolFilter(ColumnValueFilter):
    title = parameter_name = "tool"

    def list_values(self) -> Sequence[str]:
        return list_distinct_values("tool")


class AuditRuleFilter(ColumnValueFilter):
    title = parameter_name = "rule"

    def list_values(self) -> Sequence[str]:
        return list_distinct_values("rule")


@admin.register(AuditRow)
class AuditRowAdmin(ReadOnlyAdmin):
    list_display = ("at", "of_user", "tool", "outcome", "code", "decision", "of_actor", "agent", "seq")
    list_filter = ("at", AuditOutcomeFilter, AuditToolFilter, AuditRuleFilter)
    search_fields = ("=subject",)  # and by users: get_search_results
    search_help_text = "Username, user ID, or audit subject"
    linked_lookups = ("run", "subject")
    ordering = ("-id",)
    fields = (
        *("at", "of_user", "subject", "seq", "of_actor", "of_run", "agent", "tool", "outcome", "code"),
        *("rule", "rule_version", "duration", "price", "arguments", "result", "key", "previous", "mac"),
    )
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditRow]:
        rows: QuerySet[AuditRow] = super().get_queryset(request)
        return rows.annotate(
            **_build_user_annotations("subject", "user"), **_build_user_annotations("actor", "operator")
        )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[AuditRow], search_term: str
    ) -> tuple[QuerySet[AuditRow], bool]:
        """Search for a user's rows, and for the rows of what they did as an operator."""
        if not search_term.strip():
            return queryset, False
        subjects = find_subjects(search_term.strip())
        return queryset.filter(Q(subject__in=subjects) | Q(actor__in=subjects)), False

    @admin.display(description="decided by", ordering="rule")
    def decision(self, row: AuditRow) -> str:
        return f"{row.rule}, version {row.rule_version}" if row.rule_version else row.rule or "-"

    @admin.display(description="user")
    def of_user(self, row: Any) -> SafeString | str:
        return link_to_row("core_user", row.user_id, row.user_name) if row.user_id else "erased"

    @admin.display(description="operator")
    def of_actor(self, row: Any) -> SafeString | str:
        if not row.actor:
            return "-"
        return link_to_row("core_user", row.operator_id, row.operator_name) if row.operator_id else "erased"

    @admin.display(description="run")
    def of_run(self, row: AuditRow) -> SafeString | str:
        return link_to_rows("audit_auditrow", "Rows of this run", run=row.run) if row.run else "-"

    @admin.display(description="duration (ms)")
    def duration(self, row: AuditRow) -> str:
        return f"{row.duration_ms:g}"

    @admin.display(description="US dollars")
    def price(self, row: AuditRow) -> str:
        return f"{row.cost.normalize():f}"


def _build_user_annotations(column: str, prefix: str) -> dict[str, Subquery]:
    """Return the annotations with the id and the name of a subject's user, who may be erased."""
    subjects = AuditSubject.objects.filter(subject=OuterRef(column))
    return {
        f"{prefix}_id": Subquery(subjects.values("owner_id")[:1]),
        f"{prefix}_name": Subquery(subjects.values("owner__username")[:1]),
    }
