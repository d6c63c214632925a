"""Decide per run which form of an agent runs (legacy, shadow or modern), and report migration progress.
May import legacy.bridges, legacy.analysis and the product's packages."""
