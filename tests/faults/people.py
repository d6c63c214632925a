"""`python -m tests.faults.people COUNT`: an installation's schema, and users in it; prints their names, ids and tokens.

A program of its own: an installation is another one than the test's.
"""

import json
import sys
from uuid import uuid4

import django


def main(count: int) -> None:
    django.setup()
    from knox.models import AuthToken

    from core.models import User

    create_missing_schema()
    made = []
    for _ in range(count):
        user = User.objects.create(username=f"person-{uuid4().hex[:12]}")
        made.append({"id": str(user.id), "token": AuthToken.objects.create(user)[1]})
    sys.stdout.write(json.dumps(made))


def create_missing_schema() -> None:
    from django.core.management import call_command
    from django.db import connection

    from tests.support.fresh_schema import migrating_at_once

    if not connection.introspection.table_names():
        with migrating_at_once():
            call_command("migrate", verbosity=0, interactive=False)


if __name__ == "__main__":
    main(int(sys.argv[1]))
