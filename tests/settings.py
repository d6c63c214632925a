"""The suite's settings: the product's, with the migration kit loaded.

Processes that tests start use the product's own (netra.settings), and have the kit only where they ask for it."""

import os

before = os.environ.get("NETRA_LEGACY")
os.environ["NETRA_LEGACY"] = "warn"

from netra.settings import *  # noqa: E402, F403
from netra.settings import DATABASES, INSTALLED_APPS, NETRA  # noqa: E402

if not NETRA.oidc:  # tests have a company's sign-in all the same
    INSTALLED_APPS = [*INSTALLED_APPS, "allauth.socialaccount.providers.openid_connect"]

if "TEST_TEMPLATE" in os.environ:  # a PostgreSQL database that has the schema (tests/parts)
    # Tests sign in as the owner; the product's statements are its own role's (tests/support/product_role.py).
    DATABASES["default"] |= {"USER": "owner", "TEST": {"TEMPLATE": os.environ["TEST_TEMPLATE"]}}
    NETRA = NETRA.model_copy(update={"database_owner_url": None})  # its database is not the test's

if before is None:
    del os.environ["NETRA_LEGACY"]
else:
    os.environ["NETRA_LEGACY"] = before
os.environ["DJANGO_SETTINGS_MODULE"] = "netra.settings"
