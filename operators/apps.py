"""The Django app of operators' tools and consents."""

from django.apps import AppConfig


class OperatorsConfig(AppConfig):
    """The operators' tools, and the consent that some of them need."""

    name = "operators"
    label = "operating"
    verbose_name = "Operating"
