import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("agents", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(model_name="message", name="client_id", field=models.UUIDField(null=True)),
        migrations.AddField(model_name="run", name="ending", field=models.JSONField(null=True)),
        migrations.AddField(
            model_name="thread",
            name="updated_at",
            field=models.DateTimeField(auto_now_add=True, default=django.utils.timezone.now),
            preserve_default=False,
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.UniqueConstraint(fields=("owner", "client_id"), name="one_message_per_client_id"),
        ),
        migrations.AddIndex(
            model_name="thread", index=models.Index(fields=["owner", "-updated_at"], name="threads_by_activity")
        ),
    ]
