"""The isolation test: temporary users with canaries in every field put a running server under load.
May import accounts, agents, workloads and core."""
