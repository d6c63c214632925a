"""The operators' pages of policies and plans. Imported by Django's admin."""

from tools.policy.admin.plan import PlanAdmin
from tools.policy.admin.policy import PolicyAdmin
from tools.policy.admin.subscription import SubscriptionAdmin
from tools.policy.admin.version import PolicyVersionAdmin

__all__ = ["PlanAdmin", "PolicyAdmin", "PolicyVersionAdmin", "SubscriptionAdmin"]
