"""Benchmarks of Netra against what it is built on; each runs as `python -m benchmarks.NAME`.
May import every package, tests.support included; nothing imports it but tests."""
