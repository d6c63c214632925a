"""The self-test: users of its own, with secrets in every field, storm a running installation and compare notes."""
