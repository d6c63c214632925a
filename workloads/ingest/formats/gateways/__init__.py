"""Logs of gateways in front of providers. One module a format."""
