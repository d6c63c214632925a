"""Django app of the analyser. It has no models: it is installed for its command, `check_isolation`."""

from django.apps import AppConfig


class AnalysisConfig(AppConfig):
    """The static analyser, which every installation has, whether it migrates legacy agents or not."""

    name = "legacy.analysis"
    label = "isolation_analysis"
    verbose_name = "Isolation analysis"
