"""The tools themselves: one file each, and one line each in tools/registry.py.

May import tools.base, workloads and core."""
