import uuid
from typing import ClassVar

from django.db import models


class IsolationIncident(models.Model):
    """Something of one user was about to reach another, and was stopped. Kept until an operator has looked at it.

    Ids without foreign keys: it outlives the users that it names, and belongs to neither.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    at = models.DateTimeField(db_index=True)
    kind = models.CharField(max_length=40)
    where = models.TextField()
    expected_user = models.UUIDField(null=True)
    found_user = models.UUIDField(null=True)
    connection_id = models.UUIDField(null=True)
    acknowledged_at = models.DateTimeField(null=True, db_index=True)
    acknowledged_by = models.CharField(max_length=150, blank=True)

    class Meta:
        permissions: ClassVar = [
            ("acknowledge_isolationincident", "Can acknowledge isolation incident"),
            ("view_measures", "Can view measures of a server process"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"
