"""The base of every agent: BaseAgent, its dependencies, the registry, and the validation of agent classes.
May import agents.llm and the modules directly in agents; only `registry` imports agents.team."""
