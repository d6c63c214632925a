"""The tools that agents may call, and everything that decides on, limits, charges and records a call.

May import workloads and core."""
