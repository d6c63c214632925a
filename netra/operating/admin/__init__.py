"""What an operator does from pages of the admin: each act is one call through the operators' dispatcher."""

from netra.operating.admin.consents import ConsentAdmin
from netra.operating.admin.runs import OperatedRunAdmin
from netra.operating.admin.threads import OperatedThreadAdmin

__all__ = ["ConsentAdmin", "OperatedRunAdmin", "OperatedThreadAdmin"]
