from django.apps import AppConfig


class LegacyConfig(AppConfig):
    """Bringing agents of the old pattern over: bridges, analyser, codemods, rollout."""

    name = "legacy"
    label = "legacy"
    verbose_name = "Legacy"
