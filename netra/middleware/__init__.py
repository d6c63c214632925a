"""Django middleware of the project: request id and language, headers and static files, validation, rate limits.

May import netra.server and the packages below netra."""
