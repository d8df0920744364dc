"""The ASGI application: HTTP to Django, `/ws` to the one socket consumer, behind an Origin check."""

from __future__ import annotations

import os

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
http_application = get_asgi_application()

# The consumers import models, which need the app registry that the line above has filled.
from channels.security.websocket import AllowedHostsOriginValidator  # noqa: E402
from django.urls import path  # noqa: E402

from config.bounds import bounded  # noqa: E402
from live.consumers import LiveConsumer  # noqa: E402
from live.refusing import refusing_while_unreachable  # noqa: E402

application = ProtocolTypeRouter(
    {
        "http": bounded(http_application),
        "websocket": AllowedHostsOriginValidator(
            refusing_while_unreachable(AuthMiddlewareStack(URLRouter([path("ws", LiveConsumer.as_asgi())])))
        ),
    }
)
