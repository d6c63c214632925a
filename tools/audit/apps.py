"""The Django app of the audit."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """One row for each attempt at a tool, chained so that a change shows."""

    name = "tools.audit"
    label = "audit"
    verbose_name = "Audit"
