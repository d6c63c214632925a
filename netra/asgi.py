"""The ASGI application that servers load: `daphne netra.asgi:application`."""

import os
import sys
from typing import cast

# Only now: these need Django's apps.
from django.conf import settings
from django.core.asgi import get_asgi_application

from netra.checks import require_safe_settings
from netra.server.application import (
    App,
    Application,
)
from realtime.auth import WebSocketAuthMiddleware
from realtime.consumer import ChatConsumer

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "netra.settings")
http = get_asgi_application()

require_safe_settings()
if "daphne.server" in sys.modules:  # not for others, whose event loop it would replace
    from netra.server.factories import install_factories

    install_factories(settings.NETRA)
application = Application(
    settings.NETRA,
    http=cast("App", http),
    websocket=WebSocketAuthMiddleware(ChatConsumer.as_asgi(), origins=settings.NETRA.allowed_origins),
)
