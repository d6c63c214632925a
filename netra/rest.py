"""Settings of the REST interface: Django REST framework, its tokens and the OpenAPI document."""

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from netra.config import Environment


def build_rest_settings(environment: Environment) -> dict[str, Any]:
    """Return the settings of Django REST framework."""
    requests = environment.requests_per_minute
    return {
        # The first one decides between 401 and 403 for a client without valid credentials.
        "DEFAULT_AUTHENTICATION_CLASSES": [
            "core.api.authentication.TokenAuthentication",
            "rest_framework.authentication.SessionAuthentication",
        ],
        "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
        "DEFAULT_RENDERER_CLASSES": ["core.api.json_media.TranslatedJSONRenderer"],
        "DEFAULT_PARSER_CLASSES": ["core.api.json_media.JSONParser"],
        "DEFAULT_THROTTLE_CLASSES": [
            "netra.server.connections.ConnectionThrottle",
            "rest_framework.throttling.UserRateThrottle",
        ],
        "DEFAULT_THROTTLE_RATES": {"user": f"{requests}/minute" if requests else None},
        "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
        "EXCEPTION_HANDLER": "core.api.errors.handle_exception",
        "NUM_PROXIES": 0,
    }


KNOX_SETTINGS: Mapping[str, Any] = MappingProxyType(
    {"TOKEN_TTL": timedelta(days=90), "TOKEN_LIMIT_PER_USER": 20, "AUTO_REFRESH": False}
)

OPENAPI_SETTINGS: Mapping[str, Any] = MappingProxyType(
    {
        "TITLE": "Netra",
        "VERSION": "1",
        "DESCRIPTION": "Upload a usage log, ask about it, follow the run and read the report.",
        "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
        "SERVE_INCLUDE_SCHEMA": False,
        "COMPONENT_SPLIT_REQUEST": True,
        "POSTPROCESSING_HOOKS": [
            "drf_spectacular.hooks.postprocess_schema_enums",
            "core.api.serializers.forbid_additional_properties",
        ],
        "ENUM_NAME_OVERRIDES": {
            "RunState": "agents.models.RunState",
            "WorkloadState": "workloads.models.WorkloadState",
        },
    }
)
