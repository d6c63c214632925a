"""Conversations, runs and the agents that work on them.
May import tools, workloads and core; nothing of realtime, accounts, operators or netra."""
