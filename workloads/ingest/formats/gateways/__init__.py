"""Logs of gateways in front of providers. A module for each vendor."""
