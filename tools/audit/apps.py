"""The Django app of the audit."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "tools.audit"
    label = "audit"
    verbose_name = "Audit"
