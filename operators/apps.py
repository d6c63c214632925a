"""The Django app of operators' tools and consents."""

from django.apps import AppConfig


class OperatorsConfig(AppConfig):
    name = "operators"
    label = "operating"
    verbose_name = "Consents"
