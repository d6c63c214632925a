"""One-time sign-in links, and the names of API tokens."""

from typing import ClassVar

from django.conf import settings
from django.db import models


class SignInLink(models.Model):
    """A one-time sign-in link, created on the server's machine and stored as a hash."""

    digest = models.CharField(max_length=64, primary_key=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    expires = models.DateTimeField(db_index=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.user_id} until {self.expires}"


class TokenName(models.Model):
    """A user's name for an API token. `key` is equal for names that look alike."""

    token = models.OneToOneField(
        settings.KNOX_TOKEN_MODEL, primary_key=True, on_delete=models.CASCADE, related_name="label"
    )
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=60)
    key = models.CharField(max_length=150)

    class Meta:
        default_permissions = ()
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "key"], name="token_name_unique")]

    def __str__(self) -> str:
        return self.name
