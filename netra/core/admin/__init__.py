"""The operator's pages: who did what and when, never what was said. Imported by Django's admin."""

from netra.core.admin.event import EventAdmin
from netra.core.admin.group import GroupAdmin
from netra.core.admin.incident import IncidentAdmin
from netra.core.admin.user import UserAdmin

__all__ = ["EventAdmin", "GroupAdmin", "IncidentAdmin", "UserAdmin"]
