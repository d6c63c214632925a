"""The first start: secret key, database schema, demo users and sample log; each later start finds them again.

May import netra.config, netra.databases and the packages below netra."""
