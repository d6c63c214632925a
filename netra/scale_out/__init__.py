"""`manage.py run_scaled`: the whole scale-out installation on one machine, each part a child process that ends with it.

The parts are Debian's PostgreSQL, Redis and nginx, and our servers and workers."""
