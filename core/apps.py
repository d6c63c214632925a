from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "netra.core"
    verbose_name = "People and what happened"
    label = "core"
