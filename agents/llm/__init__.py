"""Language models: configuration, providers, the tool loop, metering, and the offline plan that answers without one.
May import tools, workloads and core; nothing else of agents."""
