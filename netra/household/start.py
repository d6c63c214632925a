"""A start from nothing or from what an earlier one left, in this order; each step finds what it made before."""

from collections.abc import Callable
from pathlib import Path

from django.conf import settings

from netra import secret
from netra.core.models import User
from netra.environment import Environment
from netra.household.database import prepare_database
from netra.household.people import make_people
from netra.household.private import write_new
from workloads.starter import give, sample_file

Say = Callable[[str], None]


def prepare(environment: Environment, say: Say) -> Path | None:
    """Key, schema, people and sample; only the schema in production. Returns the sample log, where there is one."""
    if environment.production:
        prepare_database(say)
        if not User.objects.filter(is_superuser=True, is_active=True).exists():
            say("There is no operator yet: make one with .venv/bin/python manage.py createsuperuser")
        return None
    if environment.secret_key is None:
        # What this process made up; where one is kept already, the settings have read it.
        write_new(environment.data_dir / secret.KEPT_AS, settings.SECRET_KEY)
    prepare_database(say)
    made = make_people(environment.data_dir)
    if made:
        give(made[0].id, environment.data_dir)
    return sample_file(environment.data_dir)
