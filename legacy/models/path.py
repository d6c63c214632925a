from django.db import models


class AgentPath(models.TextChoices):
    """Which form of an agent works in a user's run. On `shadow` it is the legacy one, and the modern one is tried."""

    LEGACY = "legacy"
    SHADOW = "shadow"
    MODERN = "modern"
