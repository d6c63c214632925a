import uuid

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0002_stream_floor"),
    ]

    operations = [
        migrations.CreateModel(
            name="IsolationIncident",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("at", models.DateTimeField(db_index=True)),
                ("kind", models.CharField(max_length=40)),
                ("where", models.TextField()),
                ("expected_user", models.UUIDField(null=True)),
                ("found_user", models.UUIDField(null=True)),
                ("connection_id", models.UUIDField(null=True)),
                ("acknowledged_at", models.DateTimeField(db_index=True, null=True)),
                ("acknowledged_by", models.CharField(blank=True, max_length=150)),
            ],
            options={
                "permissions": [
                    ("acknowledge_isolationincident", "Can acknowledge isolation incident"),
                    ("view_measures", "Can view measures of a server process"),
                ],
            },
        ),
    ]
