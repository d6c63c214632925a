"""The ASGI application that servers load: `daphne netra.asgi:application`."""

import os
import sys
from importlib import import_module
from typing import cast

from django.core.asgi import get_asgi_application

from netra.process import collect_less_often

collect_less_often()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "netra.settings")
http = get_asgi_application()

# These need Django's apps, which are loaded by now.
from django.conf import settings  # noqa: E402

from netra.checks import require_safe_settings  # noqa: E402
from netra.row_security_check import require_row_security  # noqa: E402
from netra.server.application import App, Application  # noqa: E402
from realtime.auth import WebSocketAuthMiddleware  # noqa: E402
from realtime.consumer import ChatConsumer  # noqa: E402

require_safe_settings()
require_row_security()
import_module(settings.ROOT_URLCONF)  # now, and not in the first request, on the event loop
if "daphne.server" in sys.modules:  # only with daphne: importing the factories installs its event loop
    from netra.server.factories import install_factories

    install_factories(settings.NETRA)
application = Application(
    settings.NETRA,
    http=cast("App", http),
    websocket=WebSocketAuthMiddleware(ChatConsumer.as_asgi(), origins=settings.NETRA.allowed_origins),
)
