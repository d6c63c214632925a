"""The longest time that tests wait."""

import os

PATIENCE = float(os.environ.get("TEST_PATIENCE", "300"))
"""Seconds: longer than any machine needs, however busy, and no figure of the product's. What depends on an order waits
for a gate; what is late only where it hangs waits this long. Less where a bug is put in, which may let it hang."""
