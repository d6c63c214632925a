from django.apps import AppConfig


class OperatingConfig(AppConfig):
    """The operators' tools, and the consent that some of them need."""

    name = "netra.operating"
    label = "operating"
    verbose_name = "Operating"
