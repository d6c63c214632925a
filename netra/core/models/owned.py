from typing import Self, TypeVar
from uuid import UUID

from django.conf import settings
from django.db import models

M_co = TypeVar("M_co", bound=models.Model, covariant=True)


class OwnedQuerySet(models.QuerySet[M_co]):
    """The one door to what a user owns: ask `for_user` first, whatever comes after."""

    def for_user(self, user_id: UUID) -> Self:
        return self.filter(owner_id=user_id)


class Owned(models.Model):
    """Base of every row that belongs to one user. Deleting the user deletes it."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")

    objects = OwnedQuerySet.as_manager()

    class Meta:
        abstract = True
