"""Runs in a terminal: one question answered in this process, with its progress, on a temporary installation.

May import netra.config, netra.services and the packages below netra."""
