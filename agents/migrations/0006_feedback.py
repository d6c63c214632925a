import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("agents", "0005_thread_pinned"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Feedback",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("lever", models.CharField(blank=True, max_length=60)),
                ("helpful", models.BooleanField()),
                ("reason", models.TextField(blank=True)),
                ("at", models.DateTimeField(auto_now=True)),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="agents.run"),
                ),
            ],
            options={
                "verbose_name_plural": "feedback",
                "default_permissions": ("view",),
                "constraints": [
                    models.UniqueConstraint(fields=("run", "lever"), name="one_feedback_per_run_and_lever")
                ],
            },
        ),
    ]
