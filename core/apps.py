"""The configuration of the app "core"."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "core"
    verbose_name = "Users and events"
    label = "core"
