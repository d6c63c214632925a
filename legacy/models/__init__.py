from legacy.models.path import AgentPath
from legacy.models.rule import RolloutRule
from legacy.models.runpath import RunPath
from legacy.models.shadowresult import ShadowResult, Verdict
from legacy.models.use import LegacyUse
from legacy.models.version import RolloutVersion

__all__ = ["AgentPath", "LegacyUse", "RolloutRule", "RolloutVersion", "RunPath", "ShadowResult", "Verdict"]
