"""The server around Django: daphne's protocols with limits, connections, request queue, and the services' lifetime.

May import netra.config, netra.origins, netra.services, netra.process and the packages below netra."""
