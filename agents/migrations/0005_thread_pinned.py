from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("agents", "0004_operator_cancel"),
    ]

    operations = [
        migrations.AddField(
            model_name="thread",
            name="pinned",
            field=models.BooleanField(default=False),
        ),
    ]
