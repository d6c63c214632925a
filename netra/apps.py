from django.apps import AppConfig


class NetraConfig(AppConfig):
    """The top room as an app: home of the management commands that need the whole house."""

    name = "netra"
    label = "netra"
