"""How long tests wait for what must happen."""

PATIENCE = 60.0
"""Seconds: longer than any machine needs, however busy, and no figure of the product's. What depends on an order waits
for a gate; what is late only where it hangs waits this long."""
