"""Management commands of the app. They may import everything in workloads."""
