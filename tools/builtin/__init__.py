"""The tools themselves, one file each; each is entered in tools/registry.py by one line.

May import tools.base, workloads and core."""
