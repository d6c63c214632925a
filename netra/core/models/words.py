"""A column for a sentence of ours, kept as it was made, so that it can be said in any reader's language."""

import json
from typing import Any

from django.db import models

from netra.language.saying import kept
from netra.language.text import Text, quoted, revived

KEPT = '{"text":'
"""How what is kept begins. What was stored before sentences were kept is the plain sentence."""


class WordsField(models.TextField):  # type: ignore[type-arg]  # only its stubs are generic
    """Takes a Text, or "" for none; gives a Text, or ""."""

    def deconstruct(self) -> Any:
        # To the database, and so to migrations, it is a text.
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.TextField", args, kwargs

    def get_prep_value(self, value: Any) -> Any:
        return json.dumps(kept(value)) if isinstance(value, Text) else super().get_prep_value(value)

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:
        if not value:
            return value
        return revived(json.loads(value)) if value.startswith(KEPT) else quoted(value)
