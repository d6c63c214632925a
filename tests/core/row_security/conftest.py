"""Row-level security is PostgreSQL's: its tests are collected there only (`make postgresql`)."""

from django.db import connection

collect_ignore = [] if connection.vendor == "postgresql" else ["test_policies.py", "test_writer.py", "test_roles.py"]
