"""Basics of the REST interface: authentication, errors, strict serializers and views, JSON.

Imports the modules of core only."""
