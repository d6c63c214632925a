"""Public traces of research. One module a format."""
