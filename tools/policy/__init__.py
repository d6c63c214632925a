"""Policies and plans: which user may call which tool with which arguments, and why.

May import core and, of tools, base and (for forms and explanations only) registry."""
