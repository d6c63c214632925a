"""The agents themselves, one per file.
May import agents.framework, agents.llm, agents.models, tools, workloads and core."""
