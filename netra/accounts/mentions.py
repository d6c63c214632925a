"""Rows that belong to nobody and name somebody: by an id without a foreign key, or by a name in a column `…_by`.

They stay, as what they tell of happened; who it was is forgotten. Told by the models that there are.
"""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db.models import CharField, Model, UUIDField

from netra.core.models import Owned, User


def forget_mentions(user: User) -> int:
    """In the caller's transaction. Returns in how many rows the user was named."""
    return sum(
        model._base_manager.filter(**{column: mark}).update(**{column: instead})
        for model, column, mark, instead in _places(user)
    )


def _places(user: User) -> Iterator[tuple[type[Model], str, Any, Any]]:
    """Columns that may name the user: how they would, and what stands there afterwards."""
    for model in apps.get_models(include_auto_created=True):
        if model._meta.proxy or model is User:
            continue
        for field in model._meta.concrete_fields:
            if isinstance(field, CharField) and field.name.endswith("_by"):
                yield model, field.name, user.username, ""
            elif isinstance(field, UUIDField) and field.null and not issubclass(model, Owned):
                yield model, field.name, user.pk, None
