"""Operators' pages: which user did what and when, never the content. Imported by Django's admin."""

from core.admin.records import EventAdmin, IncidentAdmin
from core.admin.user import GroupAdmin, UserAdmin

__all__ = ["EventAdmin", "GroupAdmin", "IncidentAdmin", "UserAdmin"]
