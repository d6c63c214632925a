"""Every row that a user owns, as plain data: told by the models that there are, so that a new one is not forgotten."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db.models import ForeignKey, Model

from netra.core.models import Owned, User
from netra.core.scope import as_user

PAGE = 500  # rows read at once


def owned_models() -> tuple[type[Owned], ...]:
    """The tables whose rows are reached through `for_user`."""
    return tuple(model for model in apps.get_models() if issubclass(model, Owned) and not model._meta.proxy)


def models_of_users() -> Iterator[tuple[type[Model], str]]:
    """Every table with rows that belong to a user, of whatever app, and the column that says whose they are."""
    for model in apps.get_models(include_auto_created=True):
        for field in () if model._meta.proxy else model._meta.concrete_fields:
            if isinstance(field, ForeignKey) and field.related_model is User:
                yield model, field.attname


def rows_of(model: type[Owned], user_id: UUID) -> Iterator[dict[str, Any]]:
    """The user's rows with all their columns. Page by page: no transaction is held open while they are used."""
    columns = [field.attname for field in model._meta.concrete_fields]
    after: dict[str, Any] = {}
    while True:
        with as_user(user_id):
            some = model.objects.for_user(user_id).filter(**after).order_by("pk").values("pk", *columns)
            page: list[dict[str, Any]] = list(some[:PAGE])
        if not page:
            return
        after = {"pk__gt": page[-1]["pk"]}
        for row in page:
            del row["pk"]
            yield row
