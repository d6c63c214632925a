from typing import ClassVar

from django.db import models


class RoleGrant(models.Model):
    """That a role was once given a permission ("app.codename"; empty: that its group was made).

    What an installation takes away later stays away: what was given is not given again (netra/accounts/roles.py).
    """

    role = models.CharField(max_length=150)
    permission = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["role", "permission"], name="policy_granted_once_to_a_role")
        ]

    def __str__(self) -> str:
        return f"{self.role}: {self.permission}"
