from typing import ClassVar

from django.db import models


class LegacyUse(models.Model):
    """How often on a day (UTC) an agent used a part of the old surface, from a line of its own code.

    Belongs to no user and names none.
    """

    day = models.DateField()
    agent = models.CharField(max_length=100)
    what = models.CharField(max_length=100)
    file = models.CharField(max_length=250)
    line = models.PositiveIntegerField()
    count = models.PositiveBigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["day", "agent", "what", "file", "line"], name="legacy_use_once")
        ]
        verbose_name = "use of the old pattern"
        verbose_name_plural = "uses of the old pattern"

    def __str__(self) -> str:
        return f"{self.agent}: {self.what} at {self.file}:{self.line}"
