"""The Django app of spending."""

from django.apps import AppConfig


class SpendingConfig(AppConfig):
    name = "tools.spending"
    label = "spending"
    verbose_name = "Spending"
