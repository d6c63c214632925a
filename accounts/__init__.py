"""Accounts: sign-in, second factors, sessions, API tokens, roles, export and erasure of a user.
May import agents, tools, workloads and core; not operators or netra."""
