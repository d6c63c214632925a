"""The Django app of quotas."""

from django.apps import AppConfig


class QuotaConfig(AppConfig):
    name = "tools.quota"
    label = "quota"
    verbose_name = "Quotas"
