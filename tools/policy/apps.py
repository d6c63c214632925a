from django.apps import AppConfig


class PolicyConfig(AppConfig):
    """Who may do what: rules, plans, and which of them decides."""

    name = "tools.policy"
    label = "policy"
    verbose_name = "Policies and plans"
