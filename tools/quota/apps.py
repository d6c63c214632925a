"""The Django app of quotas."""

from django.apps import AppConfig


class QuotaConfig(AppConfig):
    """How often, and how many at once: counted in the database."""

    name = "tools.quota"
    label = "quota"
    verbose_name = "Quotas"
