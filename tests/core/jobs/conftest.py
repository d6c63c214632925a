"""Sessions that the database ends are PostgreSQL's: their tests are collected there only (`make postgresql`)."""

from django.db import connection

collect_ignore = [] if connection.vendor == "postgresql" else ["test_idle_transactions.py"]
