"""Names that look alike are told apart from now on; those that were there keep theirs, and `manage.py check` tells."""

from typing import Any

from django.db import migrations

from core import models
from core.username_rules import to_name_key


def fill(apps: Any, schema_editor: Any) -> None:
    """In an order that is the same everywhere: whoever came first has the name's own key."""
    users = apps.get_model("core", "User")
    taken: set[str] = set()
    for user in users.objects.order_by("date_joined", "pk").only("pk", "username").iterator():
        key = to_name_key(user.username)
        if key in taken:
            key = f"{key}\n{user.pk.hex}"
        taken.add(key)
        users.objects.filter(pk=user.pk).update(username_key=key)


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0004_event_owner_index"),
    ]

    operations = [
        migrations.AlterModelManagers(name="user", managers=[("objects", models.NamedUserManager())]),
        migrations.AddField(
            model_name="user",
            name="username_key",
            field=models.NameKeyField(default="", editable=False, max_length=255),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=True),
        migrations.AlterField(
            model_name="user",
            name="username_key",
            field=models.NameKeyField(default="", editable=False, max_length=255, unique=True),
        ),
    ]
