from legacy.models.use import LegacyUse

__all__ = ["LegacyUse"]
