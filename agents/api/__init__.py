"""The REST resources of conversations, runs, reports and logs.
May import the modules directly in agents, tools, workloads and core."""
