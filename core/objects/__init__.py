"""The object store: bytes under keys, outside the database, for every machine of an installation. Its local copies are
bounded.

Imports core only; what is stored under which key is for the packages above."""
