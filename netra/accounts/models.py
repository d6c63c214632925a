from django.conf import settings
from django.db import models


class SignInLink(models.Model):
    """A link made on the machine that signs somebody in once. Stored as a hash."""

    digest = models.CharField(max_length=64, primary_key=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    expires = models.DateTimeField(db_index=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.user_id} until {self.expires}"
