from django.db import models


class AttemptCount(models.Model):
    """How often something was tried within a time. `key` and `subject` are hashes: no address or name lies here.

    `subject` is what can be forgiven: an account, or a name that nobody has. `expires` is in Unix seconds.
    """

    key = models.CharField(max_length=64, primary_key=True)
    subject = models.CharField(max_length=64, db_index=True)
    expires = models.BigIntegerField(db_index=True)
    count = models.IntegerField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.key[:8]}: {self.count}"
