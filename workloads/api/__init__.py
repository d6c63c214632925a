"""The REST resources of logs and uploads, which agents.api.workloads completes and routes.
Imports core and the other modules of workloads."""
