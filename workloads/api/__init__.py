"""The REST resources of logs and uploads. agents.api.workloads extends both view sets, and its routes replace these.
Imports core and the other modules of workloads."""
