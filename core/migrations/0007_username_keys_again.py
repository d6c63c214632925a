"""More letters look like others than when names got their keys: those that have some get new ones."""

from typing import Any

from django.db import migrations

from core.username_rules import to_name_key

APART = "\n"


def fill(apps: Any, schema_editor: Any) -> None:
    users = apps.get_model("core", "User")
    for user in users.objects.order_by("date_joined", "pk").only("pk", "username", "username_key"):
        key = to_name_key(user.username)
        if user.username_key.partition(APART)[0] == key:
            continue
        if users.objects.filter(username_key=key).exclude(pk=user.pk).exists():
            key = f"{key}{APART}{user.pk.hex}"
        users.objects.filter(pk=user.pk).update(username_key=key)


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0006_attempt_count"),
    ]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=True),
    ]
