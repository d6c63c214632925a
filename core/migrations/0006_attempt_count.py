from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0005_user_username_key"),
    ]

    operations = [
        migrations.CreateModel(
            name="AttemptCount",
            fields=[
                ("key", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("subject", models.CharField(db_index=True, max_length=64)),
                ("expires", models.BigIntegerField(db_index=True)),
                ("count", models.IntegerField()),
            ],
            options={"default_permissions": ()},
        ),
    ]
