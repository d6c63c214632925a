"""Operator tools, one file each; operators/registry.py lists them.
May import operators.base, operators.consents, agents, tools, workloads and core."""
