"""`python -m tests.support.moved_rows fill` fills every table of an installation for two users more; `show` writes all
rows as the models read them, and what each user may see. Both as a process with the settings of that installation."""

import json
import sys
from collections.abc import Mapping
from typing import Any

import django

WORDS = ("kestrel", "merlin")
"""Their names, and what each wrote."""


def main(what: str) -> None:
    django.setup()
    if what == "fill":
        _fill()
    else:
        sys.stdout.write(json.dumps({"rows": read_rows(), "seen": read_seen()}))


def _fill() -> None:
    from django.contrib.admin.models import LogEntry  # models are not loaded before

    from tests.support.filled_rows import fill, fill_empty, log_entry, mention, person, sign_in

    users = [person(word) for word in WORDS]
    for user in users:
        fill(user, user.username)
        sign_in(user, user.username)
        log_entry(user, users[0], user.username)
    mention(users[0])
    fill_empty(WORDS[0])
    # Ids that have been given, and must not be given again.
    LogEntry.objects.order_by("-id")[0].delete()


def read_rows() -> Mapping[str, list[str]]:
    """Return all rows of all apps' tables: all columns, as one line each."""
    from django.apps import apps
    from django.db.models import QuerySet

    from core.db import as_all_users

    with as_all_users():
        return {
            model._meta.label: list(map(_to_line, QuerySet(model).order_by("pk").values()))
            for model in apps.get_models(include_auto_created=True)
            if model._meta.managed and not model._meta.proxy
        }


def _to_line(row: Mapping[str, Any]) -> str:
    return json.dumps(row, sort_keys=True, default=repr)


def read_seen() -> Mapping[str, Mapping[str, list[str]]]:
    """Return by table the owners of the rows that each user sees."""
    from core.db import as_user, list_owned_models
    from core.models import User

    seen: dict[str, dict[str, list[str]]] = {}
    for user in User.objects.filter(username__in=WORDS):
        with as_user(user.id):
            seen[str(user.id)] = {
                model._meta.label: [str(owner) for owner in model._base_manager.values_list("owner_id", flat=True)]
                for model in list_owned_models()
            }
    return seen


if __name__ == "__main__":
    main(sys.argv[1])
