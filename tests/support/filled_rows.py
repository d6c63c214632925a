"""Everything that an installation may hold of one user, with the same word in every place that takes text.

The models are walked: a new one, or a new field, is filled without anybody thinking of it.
"""

import datetime
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db import connection, models
from django.test import Client

from core.models import User

LONG_AGO = datetime.datetime(2025, 1, 1, tzinfo=datetime.UTC)


def person(name: str) -> User:
    words = {"first_name": name, "last_name": name, "display_name": name}
    return User.objects.create(username=name, email=f"{name}@example.org", **words)


def fill(user: User, word: str) -> dict[type[models.Model], models.Model]:
    """One row of everything that can be this user's; each is said to be theirs by a chain of foreign keys."""
    made: dict[type[models.Model], models.Model] = {User: user}
    waiting = [
        each
        for each in apps.get_models(include_auto_created=True)
        if each is not User and not each._meta.proxy and each._meta.managed
    ]
    while ready := [model for model in waiting if _theirs(model) & made.keys() and not _theirs(model) & {*waiting}]:
        for model in ready:
            waiting.remove(model)
            row = model(**_values(model, made, word))
            model._base_manager.bulk_create([row])
            made[model] = row
    return made


def _theirs(model: type[models.Model]) -> set[Any]:
    """The models with rows of users that it refers to."""
    return {field.related_model for field in model._meta.concrete_fields if field.is_relation} & _of_users()


def _of_users() -> set[Any]:
    found: set[Any] = {User}
    while (
        more := {
            model
            for model in apps.get_models(include_auto_created=True)
            if not model._meta.proxy and any(field.related_model in found for field in model._meta.concrete_fields)
        }
        - found
    ):
        found |= more
    return found


def _values(model: type[models.Model], made: dict[type[models.Model], models.Model], word: str) -> dict[str, Any]:
    found = {}
    for field in model._meta.concrete_fields:
        if isinstance(field, models.AutoField | models.BigAutoField):
            continue
        if field.is_relation:
            found[field.attname] = _other(field, made)
        else:
            found[field.attname] = _value(field, word)
    return found


def _other(field: Any, made: dict[type[models.Model], models.Model]) -> Any:
    if field.related_model in made:
        return made[field.related_model].pk
    if field.null:
        return None
    other = field.related_model._base_manager.first()
    assert other is not None, f"{field} needs a row that nobody made"
    return other.pk


def _value(field: Any, word: str) -> Any:
    match field:
        case models.EmailField():
            return f"{word}@example.org"
        case models.GenericIPAddressField():
            return "192.0.2.7"
        case models.CharField() | models.TextField():
            assert field.max_length is None or len(word) <= field.max_length, f"{field} cannot hold the canary"
            return word
        case models.JSONField():
            return {word: [word, {word: word}]}
        case models.UUIDField():
            return uuid4()
        case models.BooleanField():
            return False
        case models.IntegerField():
            return 1
        case models.DateTimeField():
            return LONG_AGO
        case models.DateField():
            return LONG_AGO.date()
    raise AssertionError(f"{field}: nobody has said how to fill a {type(field).__name__}")


def sign_in(user: User, word: str) -> Session:
    """A session of the user's, with the word in it."""
    client = Client()
    client.force_login(user)
    session = client.session
    session["said"] = word
    session.save()
    return Session.objects.get(session_key=session.session_key)


def half_signed_in(user: User) -> None:
    """A session of somebody who gave a password, not yet the second factor."""
    session = Client().session
    session["account_login"] = {"user_pk_str": str(user.pk), "email": user.email}
    session.save()


def log_entry(actor: User, about: User, word: str) -> None:
    """What the admin keeps of a change to somebody, and of a change to somebody's e-mail address."""
    entry = apps.get_model("admin", "LogEntry")
    kind = ContentType.objects.get_for_model(User)
    other = ContentType.objects.get(app_label="account", model="emailaddress")
    message = json.dumps([{"deleted": {"name": "API token", "object": f"5f2e : {about.username}"}}])
    base = {"user": actor, "action_flag": 2}
    entry.objects.create(**base, content_type=kind, object_id=str(about.pk), object_repr=word, change_message="")
    entry.objects.create(**base, content_type=kind, object_id="x", object_repr="a token", change_message=message)
    entry.objects.create(**base, content_type=other, object_id="7", object_repr=about.email, change_message="")


def fill_disk(rows: dict[type[models.Model], models.Model], data_dir: Path, word: str) -> None:
    """Every kind of file that is kept of a user."""
    workload: Any = rows[apps.get_model("workloads", "Workload")]
    upload: Any = rows[apps.get_model("workloads", "Upload")]
    run = rows[apps.get_model("agents", "Run")]
    path = workload.get_path(data_dir)
    for each in (
        path,
        workload.get_raw_path(data_dir),
        workload.get_answers_dir(data_dir) / "answers.json",
        path.with_name(f".{path.name}.2"),
        path.with_name(f".{path.name}.2.answers") / "answers.json",
        path.with_name(f"..{path.name}.2.x7f") / "preview.json",
        upload.get_path(data_dir),
        path.with_name(f"{uuid4()}.raw"),
        data_dir / "scratch" / f"{run.pk}-1" / "duckdb_temp_storage_0.tmp",
        data_dir / "scratch" / f"read-{workload.pk}-2" / "duckdb_temp_storage_0.tmp",
    ):
        each.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        each.write_text(word)


def mention(user: User) -> None:
    """A row in every table that belongs to nobody and has room for an id or the name of whoever did something."""
    for model in apps.get_models(include_auto_created=True):
        ids = [each.name for each in model._meta.concrete_fields if isinstance(each, models.UUIDField)]
        if model in _of_users() or model._meta.proxy or not ids:
            continue
        values = _values(model, {}, "x") | {name: user.pk for name in ids if name != model._meta.pk.name}
        # What may be missing may have to be unique.
        optional = [each for each in model._meta.concrete_fields if each.null and isinstance(each, models.CharField)]
        values |= dict.fromkeys((each.name for each in optional), None)
        names = [each.name for each in model._meta.concrete_fields if each.name.endswith("_by")]
        model._base_manager.create(**values | dict.fromkeys(names, user.username))


def fill_empty(word: str) -> None:
    """A row in every table of an app that has none; their foreign keys are to tables that have rows."""
    for model in apps.get_models(include_auto_created=True):
        if model._meta.managed and not model._meta.proxy and not model._base_manager.exists():
            model._base_manager.bulk_create([model(**_values(model, {}, word))])


def dump() -> Iterator[str]:
    """Every value of every row of every table; of sessions also what they hold."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            for row in cursor.fetchall():
                yield f"{table}: {' | '.join(_plain(value) for value in row)}"
    for session in Session.objects.all():
        yield f"session {session.session_key}: {session.get_decoded()}"


def _plain(value: object) -> str:
    return bytes(value).decode(errors="replace") if isinstance(value, bytes | memoryview) else str(value)


def rows_of(marks: list[str]) -> list[str]:
    return sorted(row for row in dump() if any(mark.casefold() in row.casefold() for mark in marks))


def marks_of(user: User, word: str) -> list[str]:
    return [word, user.username, user.email, str(UUID(str(user.pk))), user.pk.hex]


def on_disk(data_dir: Path, marks: list[str]) -> list[str]:
    """Files and folders that hold one of the marks, in their name or content."""
    found = []
    for path in sorted(data_dir.rglob("*")):
        text = str(path.relative_to(data_dir)) + (path.read_text(errors="replace") if path.is_file() else "")
        if any(mark in text for mark in marks):
            found.append(str(path.relative_to(data_dir)))
    return found
