"""Backups of an installation in one file, made while it serves its users, and restored into an empty one.

May import netra.config, netra.databases, netra.bootstrap and the packages below netra."""
