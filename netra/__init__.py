"""The Django project: settings, the server, and the code that wires the packages together.

May import every package but legacy; no other package imports it, except legacy."""
