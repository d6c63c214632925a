import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("workloads", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Upload",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=255)),
                ("size", models.BigIntegerField()),
                ("offset", models.BigIntegerField(default=0)),
                ("fingerprint", models.CharField(blank=True, max_length=200)),
                ("form", models.CharField(blank=True, max_length=40)),
                ("mapping", models.JSONField(blank=True, default=dict)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.AddField(
            model_name="workload",
            name="attempt",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="workload",
            name="error",
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name="workload",
            name="error_code",
            field=models.CharField(blank=True, max_length=40),
        ),
        migrations.AddField(
            model_name="workload",
            name="extent",
            field=models.JSONField(null=True),
        ),
        migrations.AddField(
            model_name="workload",
            name="form",
            field=models.CharField(blank=True, max_length=40),
        ),
        migrations.AddField(
            model_name="workload",
            name="lease_until",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="workload",
            name="losses",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="workload",
            name="mapping",
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AddField(
            model_name="workload",
            name="preview",
            field=models.JSONField(null=True),
        ),
        migrations.AddField(
            model_name="workload",
            name="raw_kept",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="workload",
            name="size",
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="workload",
            name="spend",
            field=models.JSONField(null=True),
        ),
        migrations.AddField(
            model_name="workload",
            name="started_at",
            field=models.DateTimeField(null=True),
        ),
        # Logs that are there already were read when they came.
        migrations.AddField(
            model_name="workload",
            name="state",
            field=models.CharField(
                choices=[("queued", "Queued"), ("reading", "Reading"), ("ready", "Ready"), ("failed", "Failed")],
                default="ready",
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="workload",
            name="state",
            field=models.CharField(
                choices=[("queued", "Queued"), ("reading", "Reading"), ("ready", "Ready"), ("failed", "Failed")],
                default="queued",
                max_length=20,
            ),
        ),
        migrations.AddField(
            model_name="workload",
            name="worker",
            field=models.CharField(blank=True, max_length=100),
        ),
        migrations.AlterField(
            model_name="workload",
            name="source",
            field=models.JSONField(null=True),
        ),
        migrations.AddIndex(
            model_name="workload",
            index=models.Index(fields=["state", "created_at"], name="workload_queue"),
        ),
        migrations.AddField(
            model_name="upload",
            name="owner",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="upload",
            name="workload",
            field=models.OneToOneField(
                null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="workloads.workload"
            ),
        ),
        migrations.AddIndex(
            model_name="upload",
            index=models.Index(fields=["created_at"], name="upload_age"),
        ),
    ]
