"""Rewrite legacy agent classes as BaseAgent classes (libcst). A file is migrated completely or left unchanged.
May import legacy.analysis and core only."""
