import uuid
from collections.abc import Iterable
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser, UserManager
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction

from netra.core.exceptions import BadInput, NameTaken
from netra.core.names import name_key
from netra.language.text import text

NAME_TAKEN = text("A user has this name, or one that looks like it. Choose another one.")
KEY_LENGTH = 255
APART = "\n"  # in no name: what follows it tells apart rows that were there before keys were


class NameKeyField(models.CharField):  # type: ignore[type-arg]  # generic in its stubs only
    """Follows the name, however a row is saved."""

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        kept: str = getattr(model_instance, self.attname)
        key = name_key(getattr(model_instance, "username"))  # noqa: B009  # of a model that this field knows only so
        if not kept.startswith(key + APART):
            kept = key
            setattr(model_instance, self.attname, key)
        return kept


class NamedUserManager(UserManager["User"]):
    def _create_user_object(self, username: str, email: str | None, password: str | None, **more: Any) -> "User":
        """Also for `manage.py createsuperuser`. Raises Django's ValidationError for a name that nobody may take."""
        from netra.core.usernames import check_name  # noqa: PLC0415  # it asks this model

        try:
            check_name(username, email=email or "")
        except BadInput as error:
            raise ValidationError(str(error)) from error
        made: User = super()._create_user_object(username, email, password, **more)  # type: ignore[misc]
        return made


class User(AbstractUser):
    """A person or service. The key is opaque; display names may repeat, and names are for people only."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    display_name = models.CharField(max_length=150, blank=True)
    username_key = NameKeyField(max_length=KEY_LENGTH, unique=True, editable=False, default="")

    objects: ClassVar[NamedUserManager] = NamedUserManager()

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **options: Any) -> None:
        """Raises NameTaken where somebody took the name, or one that looks like it, since it was asked for."""
        if update_fields is not None and "username" in update_fields:
            update_fields = {*update_fields, "username_key"}
        if update_fields is not None and "username" not in update_fields:
            super().save(*args, update_fields=update_fields, **options)
            return
        try:
            with transaction.atomic():
                super().save(*args, update_fields=update_fields, **options)
        except IntegrityError as error:
            if not User.objects.filter(username_key=self.username_key).exclude(pk=self.pk).exists():
                raise
            raise NameTaken(NAME_TAKEN) from error
