"""The operators' pages of the migration. Imported by Django's admin."""

from legacy.admin.rule import RolloutRuleAdmin
from legacy.admin.runpath import RunPathAdmin
from legacy.admin.shadowresult import ShadowResultAdmin
from legacy.admin.use import LegacyUseAdmin
from legacy.admin.version import RolloutVersionAdmin

__all__ = ["LegacyUseAdmin", "RolloutRuleAdmin", "RolloutVersionAdmin", "RunPathAdmin", "ShadowResultAdmin"]
