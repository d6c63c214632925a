from tools.policy.models.plan import Plan, PlanAllowance
from tools.policy.models.policy import Policy
from tools.policy.models.role import RoleGrant
from tools.policy.models.subscription import Subscription
from tools.policy.models.version import PolicyVersion

__all__ = ["Plan", "PlanAllowance", "Policy", "PolicyVersion", "RoleGrant", "Subscription"]
