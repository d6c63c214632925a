"""The Django app of spending."""

from django.apps import AppConfig


class SpendingConfig(AppConfig):
    """What runs cost, and the budgets that hold it."""

    name = "tools.spending"
    label = "spending"
    verbose_name = "Spending"
