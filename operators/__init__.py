"""Operators: their tools, dispatcher, chat agent and admin pages, users' consent, and the isolation test.
May import agents, tools, workloads and core (isolation_test also accounts); not realtime or netra."""
