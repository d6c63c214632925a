"""Permissions are called what they allow. Django names a permission when it creates it, so existing ones are renamed here."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

PERMISSIONS = [
    ("use_operations", "Can use /ops"),
    ("inspect_runs", "Can inspect a user's runs"),
    ("cancel_run", "Can cancel a user's run"),
    ("change_grant", "Can change a user's tool permissions"),
    ("stream_health", "Can view stream health"),
    ("engine_health", "Can view worker health"),
    ("prune", "Can prune old data"),
    ("usage_by_user", "Can view usage and spending by user"),
    ("ask_consent", "Can request access to conversations"),
    ("read_conversation", "Can read conversations with the user's consent"),
]


def rename_permissions(apps: Apps, _: BaseDatabaseSchemaEditor) -> None:
    permissions = apps.get_model("auth", "Permission").objects.filter(content_type__app_label="operating")
    for codename, name in PERMISSIONS:
        permissions.filter(codename=codename).update(name=name)


class Migration(migrations.Migration):
    dependencies = [("operating", "0001_initial"), ("auth", "0012_alter_user_first_name_max_length")]

    operations = [
        migrations.AlterModelOptions(
            name="consent", options={"default_permissions": ("view",), "permissions": PERMISSIONS}
        ),
        migrations.RunPython(rename_permissions, migrations.RunPython.noop),
    ]
