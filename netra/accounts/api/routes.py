"""Where the resources of accounts are below `/api/`."""

from django.urls import URLPattern, path
from rest_framework.viewsets import ViewSet

from netra.accounts.api.me import MeView
from netra.accounts.api.tokens import TokenViewSet

ROUTES: tuple[tuple[str, type[ViewSet], str], ...] = (("tokens", TokenViewSet, "token"),)
PATHS: tuple[URLPattern, ...] = (path("me/", MeView.as_view(), name="me"),)
