"""The suite's settings: the product's, with the migration kit loaded.

Processes that tests start use the product's own (netra.settings), and have the kit only where they ask for it."""

import os

before = os.environ.get("NETRA_LEGACY")
os.environ["NETRA_LEGACY"] = "warn"

from netra.settings import *  # noqa: E402, F403
from netra.settings import DATABASES  # noqa: E402

if "TEST_TEMPLATE" in os.environ:  # a PostgreSQL database that has the schema (tests/parts)
    DATABASES["default"]["TEST"] = {"TEMPLATE": os.environ["TEST_TEMPLATE"]}

if before is None:
    del os.environ["NETRA_LEGACY"]
else:
    os.environ["NETRA_LEGACY"] = before
os.environ["DJANGO_SETTINGS_MODULE"] = "netra.settings"
