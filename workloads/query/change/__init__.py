"""Why the spend of two sets of requests differs: two periods, two filters, or two logs."""
