"""Users, their event streams, the base of rows that a user owns, attempt counts and isolation incidents.

Every row that belongs to a user derives from Owned and is queried through `for_user`."""

import json
import uuid
from collections.abc import Iterable
from typing import Any, ClassVar, Self, TypeVar
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import AbstractUser, UserManager
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction

from core.exceptions import BadInput, NameTaken, NotFound
from core.i18n.text import Text, from_json, text, to_json, verbatim_text
from core.username_rules import to_name_key

JSON_PREFIX = '{"text":'
"""The beginning of a stored Text. Rows from before texts were stored as JSON have the plain sentence."""


class TranslatableTextField(models.TextField):  # type: ignore[type-arg]  # only its stubs are generic
    """A column for a Text; "" is none."""

    def deconstruct(self) -> Any:
        # For the database, and so for migrations, it is a TextField.
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.TextField", args, kwargs

    def get_prep_value(self, value: Any) -> Any:
        return json.dumps(to_json(value)) if isinstance(value, Text) else super().get_prep_value(value)

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:
        if not value:
            return value
        return from_json(json.loads(value)) if value.startswith(JSON_PREFIX) else verbatim_text(value)


M_co = TypeVar("M_co", bound=models.Model, covariant=True)


class OwnedQuerySet(models.QuerySet[M_co]):
    """The only way to query a user's rows: `for_user` and then anything else, or `get_for` for one row."""

    def for_user(self, user_id: UUID) -> Self:
        return self.filter(owner_id=user_id)

    def get_for(self, user_id: UUID, pk: UUID) -> M_co:
        """Return the user's row with this key. Raises NotFound, in the words of the model, for any other key."""
        row = self.for_user(user_id).filter(pk=pk).first()
        if row is None:
            raise NotFound(getattr(self.model, "NOT_FOUND"))  # noqa: B009  # a model's type has no such attribute
        return row


class Owned(models.Model):
    """Base of all rows that belong to one user. Deleting the user deletes them.

    `NOT_FOUND` is what users read when there is no such row, or when it is another user's.
    """

    NOT_FOUND: ClassVar[Text] = text("Not found.")

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")

    objects = OwnedQuerySet.as_manager()

    class Meta:
        abstract = True


NAME_TAKEN = text("This name, or one that looks like it, is already taken. Choose another one.")
MAX_KEY_LENGTH = 255
KEY_SEPARATOR = "\n"  # in no name; it precedes a suffix that keeps keys unique among names older than the rules


class NameKeyField(models.CharField):  # type: ignore[type-arg]  # generic in its stubs only
    """The key of the row's username, updated however the row is saved."""

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        stored: str = getattr(model_instance, self.attname)
        key = to_name_key(getattr(model_instance, "username"))  # noqa: B009  # a base model's type has no such field
        if not stored.startswith(key + KEY_SEPARATOR):
            stored = key
            setattr(model_instance, self.attname, key)
        return stored


class NamedUserManager(UserManager["User"]):
    def _create_user_object(self, username: str, email: str | None, password: str | None, **more: Any) -> "User":
        """Check the name, also for `manage.py createsuperuser`. Raises Django's ValidationError for a bad name."""
        from core.users import check_name  # noqa: PLC0415  # core.users imports this module

        try:
            check_name(username, email=email or "")
        except BadInput as error:
            raise ValidationError(str(error)) from error
        user: User = super()._create_user_object(username, email, password, **more)  # type: ignore[misc]
        return user


class User(AbstractUser):
    """A person or service. The key is opaque; display names may repeat, and names are for people only."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    display_name = models.CharField(max_length=150, blank=True)
    username_key = NameKeyField(max_length=MAX_KEY_LENGTH, unique=True, editable=False, default="")

    objects: ClassVar[NamedUserManager] = NamedUserManager()

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **options: Any) -> None:
        """Raises NameTaken if another user has taken the name, or one that looks like it, since it was checked."""
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


class UserStream(models.Model):
    """A user's stream: its epoch, the number of the last event, and of the last one that may have been pruned."""

    owner = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="+")
    epoch = models.UUIDField(default=uuid.uuid4)
    head = models.BigIntegerField(default=0)
    floor = models.BigIntegerField(default=0)  # from a position below it a reader must resynchronise with a snapshot

    def __str__(self) -> str:
        return f"stream of {self.owner_id}"


class Event(Owned):
    """One event, numbered without gaps within (owner, epoch). Rows are appended and pruned, never changed."""

    # No index of its own: the constraint's index begins with it, and each index costs time for each event.
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    epoch = models.UUIDField()
    seq = models.BigIntegerField()
    # No foreign key: the model of runs is in a package that imports this one.
    run_id = models.UUIDField(null=True, db_index=True)
    type = models.CharField(max_length=40)
    payload = models.JSONField()
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["owner", "epoch", "seq"], name="event_seq_unique_in_stream")
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.seq} of {self.owner_id}"


class AttemptCount(models.Model):
    """The number of attempts within a period. `key` and `subject` are hashes: no address or name is stored.

    The counters of a `subject`, an account or a name that nobody has, can be reset. `expires` is in Unix seconds.
    """

    key = models.CharField(max_length=64, primary_key=True)
    subject = models.CharField(max_length=64, db_index=True)
    expires = models.BigIntegerField(db_index=True)
    count = models.IntegerField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.key[:8]}: {self.count}"


class EmbeddedJob(models.Model):
    """A job of the embedded engine (core.jobs), which is deleted when it is done or tried again. `worker` is "" while
    it waits.

    `of_user` is no foreign key: a job of a user or a row that is gone finds nothing to do.
    """

    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=100, blank=True)
    of_user = models.UUIDField(null=True)
    lock = models.CharField(max_length=100, blank=True)
    lane = models.CharField(max_length=100, null=True)  # noqa: DJ001  # None: no lane, which no other job has either
    priority = models.IntegerField(default=0)
    not_before = models.DateTimeField(null=True)
    queue = models.CharField(max_length=100, blank=True)  # the only runner that may take it; "": any
    losses = models.PositiveSmallIntegerField(default=0)
    worker = models.CharField(max_length=100, blank=True)
    lease_until = models.DateTimeField(null=True)
    aborted = models.BooleanField(default=False)

    class Meta:
        default_permissions = ()
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["lane"], condition=~models.Q(worker=""), name="one_running_job_per_lane")
        ]
        indexes: ClassVar = [
            models.Index(fields=["lane"], name="job_lane"),
            models.Index(fields=["kind", "key"], name="job_key"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class RunnerPause(models.Model):
    """No runner of this installation begins a job while there is a row (`manage.py drain`)."""

    since = models.DateTimeField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"paused since {self.since}"


class IsolationIncident(models.Model):
    """Data of one user was about to reach another, and was stopped. Open until an operator has acknowledged it.

    The ids are no foreign keys: an incident outlives the users that it names, and belongs to neither.
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
