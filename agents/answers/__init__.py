"""Answers to questions: figures with unit and basis, tables, a headline, and what to ask next.

May import workloads and core, and agents.language."""
