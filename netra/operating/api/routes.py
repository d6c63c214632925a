"""Where this room's resources are below `/api/`."""

from rest_framework.viewsets import ViewSet

from netra.operating.api.consents import ConsentViewSet

ROUTES: tuple[tuple[str, type[ViewSet], str], ...] = (("consents", ConsentViewSet, "consent"),)
